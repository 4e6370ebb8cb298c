#include "fleet.hpp"

#include <arpa/inet.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "failure.hpp"

namespace godwit::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kFirstSource = 0x7f000002;  // 127.0.0.2
constexpr std::uint32_t kSources = 16;

template <typename Kind>
std::vector<Connection*> as_connections(const std::vector<Kind*>& these) {
    return {these.begin(), these.end()};
}

std::string numbered(std::string text, std::uint32_t number) {
    const std::size_t place = text.find("%n");
    if (place != std::string::npos) text.replace(place, 2, std::to_string(number));
    return text;
}

}  // namespace

Fleet::Fleet(const FleetSettings& settings)
    : settings_(settings), client_id_prefix_("gb" + std::to_string(getpid() % 100000)) {
    for (std::size_t index = 0; index < settings_.loops; ++index) {
        loops_.push_back(std::make_unique<EventLoop>(index, settings_.loops));
    }
}

template <typename Kind, typename... Arguments>
Kind& Fleet::add(char kind, std::uint32_t number, Arguments&&... arguments) {
    auto connection = std::make_unique<Kind>(loop_of(number), number,
                                             client_id_prefix_ + kind + std::to_string(number),
                                             std::forward<Arguments>(arguments)...);
    connection->set_channel(settings_.transport.make_channel());
    connection->set_credentials(numbered(settings_.user_name, number),
                                numbered(settings_.password, number));
    Kind& added = *connection;
    connections_.push_back(std::move(connection));
    return added;
}

Connection& Fleet::add_client(std::uint32_t number) {
    return add<Connection>('c', number);
}

Subscriber& Fleet::add_subscriber(std::uint32_t number) {
    return *subscribers_.emplace_back(&add<Subscriber>('s', number));
}

Publisher& Fleet::add_publisher(const PublishPlan& plan) {
    const auto number = static_cast<std::uint32_t>(publishers_.size());
    return *publishers_.emplace_back(&add<Publisher>('p', number, plan));
}

void Fleet::set_events(ConnectionEvents& events) {
    for (const auto& loop : loops_)
        loop->set_events(events);
}

void Fleet::stamp_reads() {
    for (const auto& loop : loops_)
        loop->stamp_reads();
}

void Fleet::connect_all(std::span<Connection* const> connections) {
    const std::uint64_t before = total(Counter::connected);
    std::uint64_t connected = 0;
    std::size_t opened = 0;
    while (connected < connections.size()) {
        while (opened < connections.size() && opened - connected < settings_.connecting_max) {
            open(*connections[opened++]);
        }
        turn(10ms);
        check_setup("connecting");
        connected = total(Counter::connected) - before;
    }
}

void Fleet::connect_subscribers() {
    connect_all(as_connections(subscribers_));
}

void Fleet::connect_publishers() {
    connect_all(as_connections(publishers_));
}

void Fleet::open(Connection& connection) {
    int reason = 0;
    for (int attempt = 0; attempt < 50; ++attempt) {
        reason = connection.open(next_endpoint());
        if (reason == 0) return;
        std::this_thread::sleep_for(20ms);
    }
    fail(ExitCode::setup, "cannot connect to port " +
                              std::to_string(ntohs(settings_.broker.sin_port)) + ": " +
                              std::strerror(reason));
}

void Fleet::subscribe_all(std::span<const std::string> topic_filters, std::uint8_t qos) {
    const std::uint64_t before = total(Counter::subscribed);
    for (std::size_t i = 0; i < subscribers_.size(); ++i) {
        const std::size_t filter = topic_filters.size() == 1 ? 0 : i;
        subscribers_[i]->subscribe(topic_filters.subspan(filter, 1), qos);
        if (i % 64 == 63) turn(0ms);
    }
    await_subscriptions(before + subscribers_.size());
}

void Fleet::await_subscriptions(std::uint64_t filters) {
    while (total(Counter::subscribed) < filters) {
        turn(10ms);
        check_setup("subscribing");
    }
}

void Fleet::disconnect_all(std::span<Connection* const> connections) {
    for (Connection* connection : connections) {
        if (connection->is_open()) connection->disconnect();
    }
    const auto is_open = [](const Connection* connection) { return connection->is_open(); };
    const TimePoint until = Clock::now() + 2s;
    while (std::any_of(connections.begin(), connections.end(), is_open) && Clock::now() < until) {
        turn(10ms);
    }
    for (Connection* connection : connections)
        connection->close();
}

void Fleet::disconnect_subscribers() {
    disconnect_all(as_connections(subscribers_));
}

void Fleet::start_publishers() {
    for (Publisher* publisher : publishers_)
        publisher->start();
}

void Fleet::stop_publishers() {
    for (Publisher* publisher : publishers_)
        publisher->stop();
}

void Fleet::linger(std::chrono::milliseconds time) {
    const TimePoint until = Clock::now() + time;
    while (Clock::now() < until)
        turn(5ms);
}

void Fleet::turn(std::chrono::milliseconds timeout) {
    if (loops_.size() == 1) return loops_.front()->turn(timeout);
    for (const auto& loop : loops_)
        loop->turn(0ms);
    std::this_thread::sleep_for(50us);
}

std::uint64_t Fleet::total(Counter counter) const {
    std::uint64_t sum = 0;
    for (const auto& loop : loops_)
        sum += loop->counters().get(counter);
    return sum;
}

Endpoint Fleet::next_endpoint() {
    Endpoint endpoint{.broker = settings_.broker, .source = {}};
    if (spreads_sources_) {
        endpoint.source.emplace();
        endpoint.source->sin_family = AF_INET;
        endpoint.source->sin_addr.s_addr = htonl(kFirstSource + next_source_++ % kSources);
    }
    return endpoint;
}

void Fleet::check_setup(std::string_view step) const {
    const auto give_up = [&](std::string_view reason) {
        fail(ExitCode::setup, std::string(reason) + " while " + std::string(step));
    };
    if (total(Counter::refused) != 0) give_up("a CONNECT was refused");
    if (total(Counter::subscription_refused) != 0) give_up("a subscription was refused");
    if (total(Counter::lost) != 0) give_up("the broker closed a connection");
    if (Clock::now() > deadline()) give_up("the time was up");
}

// The first loop is the main thread's.
std::vector<std::jthread> Fleet::start_threads() {
    std::vector<std::jthread> threads;
    for (std::size_t index = 1; index < loops_.size(); ++index) {
        threads.emplace_back([&loop = *loops_[index]](const std::stop_token& stop) {
            while (!stop.stop_requested())
                loop.turn(5ms);
        });
    }
    return threads;
}

bool StallWatch::gives_up() {
    if (++turns_ % 16 != 0) return false;
    const TimePoint now = Clock::now();
    const std::uint64_t progress =
        fleet_.total(Counter::delivered) + fleet_.total(Counter::acknowledged);
    if (progress != progress_) {
        progress_ = progress;
        moved_ = now;
    }
    return now > fleet_.deadline() || now - moved_ > fleet_.stall() ||
           fleet_.total(Counter::lost) != 0;
}

}  // namespace godwit::bench
