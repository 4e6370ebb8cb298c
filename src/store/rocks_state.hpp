// What a data directory holds, read family by family. A session's subscriptions, queue and incoming
// ids lie in the order of the sessions, so one walk over each family meets them all.
#pragma once

#include "godwit/core/stored_state.hpp"
#include "rocks.hpp"

namespace godwit::store {

// Every call throws StoreError where a record is damaged.
class RocksState final : public core::StoredState {
public:
    explicit RocksState(const Rocks& rocks) : rocks_(rocks) {}

    void for_each_session(const Wanted& wanted,
                          const std::function<void(core::StoredSession)>& visit) const override;
    void for_each_will(
        const std::function<void(core::Incarnation, core::WillRecord)>& visit) const override;
    void for_each_retained(const std::function<void(core::RetainedRecord)>& visit) const override;
    void for_each_publication(
        const std::function<void(core::StoredPublication)>& visit) const override;

private:
    const Rocks& rocks_;
};

}  // namespace godwit::store
