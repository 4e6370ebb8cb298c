// The loops and connections of one run, and the steps every scenario is made of: connect,
// subscribe, publish, run until all has come, disconnect. Used from the main thread alone. More
// loops than one have a thread each inside run_until(); everywhere else the main thread runs them
// in turn.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "clock.hpp"
#include "connection.hpp"
#include "event_loop.hpp"
#include "publisher.hpp"
#include "subscriber.hpp"
#include "transport.hpp"

namespace godwit::bench {

struct FleetSettings {
    sockaddr_in broker{};
    const Transport& transport;  // Outlives the fleet.
    std::string user_name;       // In this and the next, %n is the number of the connection.
    std::string password;
    std::uint32_t loops = 1;
    std::uint32_t connecting_max = 64;  // Connections without their CONNACK at a time.
    TimePoint deadline;                 // Of the whole run.
    Clock::duration stall{};            // Without progress for so long, a run has failed.
};

class Fleet {
public:
    explicit Fleet(const FleetSettings& settings);

    // Connection `number` lives on loop `number` modulo the loops. The fleet owns it.
    Connection& add_client(std::uint32_t number);
    Subscriber& add_subscriber(std::uint32_t number);
    Publisher& add_publisher(const PublishPlan& plan);  // Numbered in turn, from 0.

    void set_events(ConnectionEvents& events);
    void stamp_reads();

    // Connects from many source addresses, past the ephemeral ports of one.
    void spread_sources() { spreads_sources_ = true; }

    // These wait for the broker's answers, and end the program with ExitCode::setup when the
    // broker refuses, closes, or does not answer before the deadline.
    void connect_all(std::span<Connection* const> connections);
    void connect_subscribers();
    void connect_publishers();
    void open(Connection& connection);  // Without waiting for CONNACK.

    // Either one filter for all, or one for each subscriber.
    void subscribe_all(std::span<const std::string> topic_filters, std::uint8_t qos);
    void await_subscriptions(std::uint64_t filters);

    void disconnect_all(std::span<Connection* const> connections);
    void disconnect_subscribers();

    void start_publishers();
    void stop_publishers();

    // False when nothing moved for the stall time, a connection was lost, or the deadline passed.
    template <typename Condition>
    bool run_until(Condition reached);

    // Goes on reading for a while: what comes now should not have come.
    void linger(std::chrono::milliseconds time);
    void turn(std::chrono::milliseconds timeout);

    const Transport& transport() const { return settings_.transport; }
    TimePoint deadline() const { return settings_.deadline; }
    Clock::duration stall() const { return settings_.stall; }
    std::uint64_t total(Counter counter) const;
    const std::vector<Subscriber*>& subscribers() const { return subscribers_; }
    const std::vector<Publisher*>& publishers() const { return publishers_; }

private:
    template <typename Kind, typename... Arguments>
    Kind& add(char kind, std::uint32_t number, Arguments&&... arguments);
    EventLoop& loop_of(std::uint32_t number) { return *loops_[number % loops_.size()]; }
    Endpoint next_endpoint();
    void check_setup(std::string_view step) const;
    std::vector<std::jthread> start_threads();

    FleetSettings settings_;
    std::string client_id_prefix_;
    std::vector<std::unique_ptr<EventLoop>> loops_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::vector<Subscriber*> subscribers_;  // In connections_, as are the publishers.
    std::vector<Publisher*> publishers_;
    bool spreads_sources_ = false;
    std::uint32_t next_source_ = 0;
};

// Decides that a run has stalled. Reading the clock is left to every 16th turn.
class StallWatch {
public:
    explicit StallWatch(const Fleet& fleet) : fleet_(fleet) {}
    bool gives_up();

private:
    const Fleet& fleet_;
    std::uint64_t turns_ = 0;
    std::uint64_t progress_ = 0;
    TimePoint moved_ = Clock::now();
};

template <typename Condition>
bool Fleet::run_until(Condition reached) {
    const std::vector<std::jthread> threads = start_threads();
    StallWatch watch(*this);
    while (!reached()) {
        if (watch.gives_up()) return false;
        loops_.front()->turn(std::chrono::milliseconds(5));
    }
    return true;
}

}  // namespace godwit::bench
