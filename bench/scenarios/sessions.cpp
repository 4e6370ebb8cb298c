// Sessions: many persistent sessions are made, each with a subscription of its own, and left
// behind.
#include <algorithm>
#include <array>

#include "scenario.hpp"

namespace godwit::bench {
namespace {

constexpr std::array kOptions = {
    OptionSpec{"sessions", OptionKind::whole, "100000", "persistent sessions", 1, 1'000'000},
    OptionSpec{"conns", OptionKind::whole, "1000", "connections at a time", 1, 20'000},
};

constexpr std::uint8_t kQos = 1;

class Sessions {
public:
    explicit Sessions(const Run& run) : run_(run) {}

    Outcome execute() {
        Fleet& fleet = run_.fleet;
        fleet.set_events(ignore_all_);
        fleet.spread_sources();
        for (std::uint32_t number = 0; number < sessions_; ++number) {
            clients_.push_back(&fleet.add_client(number));
            clients_.back()->set_clean_session(false);
        }
        const Usage before = run_.stats.read();
        for (std::size_t begin = 0; begin < clients_.size(); begin += at_a_time_) {
            const std::size_t left = clients_.size() - begin;
            leave_behind(std::span(clients_).subspan(begin, std::min(left, at_a_time_)));
        }
        const Usage after = run_.stats.read();
        report_window(run_, "", before, after, sessions_);
        report_bytes_each(run_, "rss_bytes_per_session", before, after, sessions_);
        run_.report.add_count("sessions", sessions_);
        return {true, sessions_};
    }

private:
    void leave_behind(std::span<Connection* const> clients) {
        Fleet& fleet = run_.fleet;
        fleet.connect_all(clients);
        const std::uint64_t before = fleet.total(Counter::subscribed);
        for (Connection* client : clients) {
            const std::array<std::string, 1> filter = {"bench/session/" +
                                                       std::to_string(client->number())};
            client->subscribe(filter, kQos);
        }
        fleet.await_subscriptions(before + clients.size());
        fleet.disconnect_all(clients);
        clients.front()->loop().count(Counter::delivered, clients.size());
    }

    const Run& run_;
    ConnectionEvents ignore_all_;
    std::uint32_t sessions_ = run_.options.whole("sessions");
    std::size_t at_a_time_ = run_.options.whole("conns");
    std::vector<Connection*> clients_;
};

Outcome run_sessions(const Run& run) {
    return Sessions(run).execute();
}

}  // namespace

const Scenario kSessions = {"sessions", "persistent sessions, left behind", kOptions, run_sessions};

}  // namespace godwit::bench
