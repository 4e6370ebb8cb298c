// Clients that connect, leave at once and come again, many at a time. Used from the main thread.
#pragma once

#include <cstdint>
#include <vector>

#include "clock.hpp"
#include "fleet.hpp"

namespace godwit::bench {

class Storm final : public ConnectionEvents {
public:
    // Makes the clients, of which so many are connected at a time.
    Storm(Fleet& fleet, std::uint32_t clients);

    // Counts as delivered each connection that ended as it should. False when one was refused or
    // lost, or the time was up.
    bool run(std::uint64_t connections);

    const std::vector<Connection*>& clients() const { return clients_; }
    std::uint64_t closed_by_us() const { return closed_by_us_; }

    void on_connack(Connection& connection) override { connection.disconnect(); }
    void on_closed(Connection& connection) override;

private:
    void close_leftovers();

    Fleet& fleet_;
    std::vector<Connection*> clients_;
    std::vector<Connection*> idle_;  // Closed, to be opened again.
    std::uint64_t closed_ = 0;
    std::uint64_t closed_by_us_ = 0;
    TimePoint looked_ = Clock::now();
};

}  // namespace godwit::bench
