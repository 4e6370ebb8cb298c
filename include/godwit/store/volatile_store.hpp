// The store of a broker that keeps its state in memory only: nothing is written, so nothing waits.
#pragma once

#include <atomic>
#include <limits>

#include "godwit/core/store.hpp"

namespace godwit::store {

class VolatileStore final : public core::Store {
public:
    [[nodiscard]] bool keeps() const override { return false; }
    [[nodiscard]] core::Duration linger() const override { return core::Duration{0}; }
    [[nodiscard]] std::size_t queue_window() const override {
        return std::numeric_limits<std::size_t>::max();
    }
    [[nodiscard]] std::uint64_t next_number() override { return ++number_; }

    void put_session(const core::SessionRecord&) override {}
    void wipe_session(core::Incarnation) override {}
    void put_subscription(core::Incarnation, const core::SubscriptionRecord&) override {}
    void delete_subscription(core::Incarnation, std::string_view) override {}
    void put_replay(core::Incarnation, const core::ReplayRecord&) override {}
    void delete_replay(core::Incarnation, std::uint64_t) override {}
    void put_queued(core::Incarnation, const core::QueueRecord&) override {}
    void delete_queued(core::Incarnation, core::Sequence) override {}
    void put_incoming(core::Incarnation, mqtt::PacketId) override {}
    void delete_incoming(core::Incarnation, mqtt::PacketId) override {}
    void put_will(core::Incarnation, const core::WillRecord&) override {}
    void delete_will(core::Incarnation) override {}
    void put_retained(const core::RetainedRecord&) override {}
    void delete_retained(std::string_view) override {}
    void put_arriving(core::LogRow, const core::LoggedPublication&) override {}
    void put_arrived(core::LogRow, core::ShardIndex, const std::vector<core::Receiver>&) override {}
    void delete_arriving(core::LogRow) override {}
    void read_queue(const core::SessionHandle&, core::Incarnation, core::Sequence,
                    std::size_t) override {}

    [[nodiscard]] core::CommitId commit() override { return 0; }

private:
    std::atomic<std::uint64_t> number_{0};
};

}  // namespace godwit::store
