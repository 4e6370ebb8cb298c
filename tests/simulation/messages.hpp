// A message as the model sees it, and the payload that carries its number.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "godwit/core/time.hpp"
#include "godwit/mqtt/packet.hpp"
#include "subscriptions.hpp"

namespace godwit::simulation {

// How often a client got a message.
struct Copies {
    std::array<unsigned, 3> fresh{};  // by QoS, with neither DUP nor RETAIN
    unsigned again = 0;               // with DUP
    unsigned retained = 0;

    [[nodiscard]] unsigned fresh_ones() const { return fresh[0] + fresh[1] + fresh[2]; }
    [[nodiscard]] unsigned live() const { return fresh_ones() + again; }
};

struct Message {
    std::uint64_t number = 0;
    std::size_t publisher = 0;
    std::string topic;  // the plain one
    mqtt::Qos qos = mqtt::Qos::at_most_once;
    bool retain = false;
    bool clears = false;   // an empty payload, which carries no number
    bool nowhere = false;  // published to $share/... or $queue/...
    bool will = false;
    bool must_arrive = false;  // even at QoS 0
    bool checked = false;      // at a rest
    Time sent = kNever;        // a will: when its connection ended
    Time acked = kNever;
    Time stored = kNever;          // a retained one: is so for certain
    Time over = kNever;            // a rest: whatever came of it has come
    std::uint64_t connection = 0;  // it was first sent on
    core::WallTime sent_wall{};
    unsigned sends = 1;
    std::map<std::size_t, Copies> copies;  // by client

    // A QoS 1 message that was sent again may be routed again.
    [[nodiscard]] unsigned routings() const { return qos == mqtt::Qos::at_least_once ? sends : 1; }
    // The broker has certainly seen to it, if it ever got it, before it saw to the other one.
    [[nodiscard]] bool precedes(const Message& other) const {
        const bool in_a_row = connection == other.connection && number < other.number &&
                              sends == 1 && other.sends == 1 && !will && !other.will;
        return in_a_row || std::min(stored, over) < other.sent;
    }
};

[[nodiscard]] std::string payload_of(const Message& message, std::size_t size);
[[nodiscard]] std::optional<std::uint64_t> number_of(std::string_view payload);

}  // namespace godwit::simulation
