// A receiving connection: acknowledges, keeps QoS 2 to once, and hands every message to the
// scenario, which checks it. Lives on one loop.
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>

#include "checks.hpp"
#include "connection.hpp"

namespace godwit::bench {

class Subscriber final : public Connection {
public:
    using Connection::Connection;

    // For the scenario's checks: messages received, and their order by publisher.
    std::uint64_t received = 0;
    OrderCheck order;

protected:
    void on_packet(const Frame& frame) override;

private:
    void on_publish(const Frame& frame);
    bool is_new(std::uint16_t packet_id);

    // QoS 2 packet ids between PUBLISH and PUBREL; made by the first one.
    std::unique_ptr<std::bitset<65536>> unreleased_;
};

}  // namespace godwit::bench
