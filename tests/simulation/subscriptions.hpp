// What the model knows of one client's subscriptions, and since when. A SUBSCRIBE may have taken
// effect as soon as it was sent, and has for certain once its SUBACK is there; in between, and
// likewise around UNSUBSCRIBE, the broker may do either.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "chance.hpp"
#include "filters.hpp"
#include "godwit/mqtt/packet.hpp"

namespace godwit::simulation {

inline constexpr Time kNever = Time::max();

struct SubscribeEntry {
    Filter filter;
    mqtt::Qos granted = mqtt::Qos::at_most_once;
    std::uint64_t connection = 0;  // it was sent on
    bool clean = true;             // that connection's session
    Time possible_from{0};         // SUBSCRIBE was sent
    Time certain_from = kNever;    // SUBACK came
    Time certain_until = kNever;   // UNSUBSCRIBE was sent, or the session ended
    Time possible_until = kNever;  // UNSUBACK came, or the session ended

    [[nodiscard]] bool possible(Time from, Time until) const {
        return possible_from <= until && from < possible_until;
    }
};

class Subscriptions {
public:
    // SUBSCRIBE was sent: the entry's index.
    std::size_t sent(SubscribeEntry entry);
    void acknowledged(const std::vector<std::size_t>& entries, Time now);
    // SUBACK said no to all of them.
    void refused(const std::vector<std::size_t>& entries);
    // UNSUBSCRIBE was sent: the indices of what it ends.
    [[nodiscard]] std::vector<std::size_t> unsubscribe(const std::string& key, Time now);
    void unsubscribed(const std::vector<std::size_t>& entries, Time now);
    // `connections`: those that the session had.
    void session_ended(Time now, const std::set<std::uint64_t>& connections);

    // The end did not become durable before a crash: what was there `then` holds again from now on;
    // in between, it may have.
    void session_came_back(Time then, Time now, const std::set<std::uint64_t>& connections);

    [[nodiscard]] const std::vector<SubscribeEntry>& entries() const { return entries_; }

    // An ordinary filter, or one of that group, may have met a message between these times.
    [[nodiscard]] bool may_match(std::string_view topic, const std::string& group_key, Time from,
                                 Time until) const;
    // An ordinary filter, or the group's, met it for certain; at what QoS at least and at most.
    struct Certainty {
        bool certain = false;
        mqtt::Qos lowest = mqtt::Qos::at_most_once;
        mqtt::Qos highest = mqtt::Qos::at_most_once;  // whether certain or not
    };
    [[nodiscard]] Certainty match(std::string_view topic, const std::string& group_key, Time from,
                                  Time until) const;
    // Keys of the groups that may have met it here.
    [[nodiscard]] std::vector<std::string> groups(std::string_view topic, Time from,
                                                  Time until) const;

private:
    std::vector<SubscribeEntry> entries_;
};

}  // namespace godwit::simulation
