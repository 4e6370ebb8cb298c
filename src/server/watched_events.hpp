// The core's events, for the log and for whoever watches.
#pragma once

#include "godwit/server/log.hpp"
#include "witness_stand.hpp"

namespace godwit::server {

class WatchedEvents final : public core::Events {
public:
    // The log outlives it.
    explicit WatchedEvents(Log& log) : log_(log) {}

    void watch(admin::Witness witness) { stand_.set(std::move(witness)); }

    void client_connected(const core::Arrival& arrival, bool session_present) override {
        log_.client_connected(arrival, session_present);
        stand_.call([&](const admin::Witness& witness) {
            witness.client_connected(arrival.client_id, arrival.identity.user_name,
                                     arrival.origin.address);
        });
    }
    void client_disconnected(std::string_view client_id, std::string_view address,
                             core::CloseReason reason, std::string_view detail) override {
        log_.client_disconnected(client_id, address, reason, detail);
        stand_.call([&](const admin::Witness& witness) {
            witness.client_disconnected(client_id, address, core::to_string(reason));
        });
    }
    void connection_refused(std::string_view client_id, std::string_view address,
                            core::CloseReason reason, std::string_view detail) override {
        log_.connection_refused(client_id, address, reason, detail);
    }
    void takeovers_refused(std::string_view client_id, std::string_view holder_address,
                           std::string_view newcomer_address) override {
        log_.takeovers_refused(client_id, holder_address, newcomer_address);
    }
    void session_expired(std::string_view client_id) override { log_.session_expired(client_id); }
    void messages_dropped(std::string_view client_id, core::DropReason reason,
                          std::uint64_t count) override {
        log_.messages_dropped(client_id, reason, count);
    }

private:
    LogEvents log_;
    WitnessStand stand_;
};

}  // namespace godwit::server
