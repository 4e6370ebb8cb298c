// Connect: connect, CONNACK, DISCONNECT, end of stream, over and over, many in flight.
#include <array>

#include "scenario.hpp"

namespace godwit::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::array kOptions = {
    OptionSpec{"messages", OptionKind::whole, "50000", "connections in all", 1},
    OptionSpec{"conns", OptionKind::whole, "50", "connections at a time", 1, 10'000},
};

class Connects final : public ConnectionEvents {
public:
    explicit Connects(const Run& run) : run_(run) {}

    Outcome execute() {
        Fleet& fleet = run_.fleet;
        fleet.spread_sources();
        fleet.set_events(*this);
        for (std::uint32_t i = 0; i < run_.options.whole("conns"); ++i) {
            clients_.push_back(&fleet.add_client(i));
        }
        idle_ = clients_;
        const Usage before = run_.stats.read();
        const bool complete = storm();
        const Usage after = run_.stats.read();
        fleet.linger(300ms);
        report_window(run_, "", before, after, fleet.total(Counter::delivered));
        if (run_.stats.has_broker()) {
            run_.report.add_figure("rss_settled_kb",
                                   static_cast<double>(run_.stats.read().broker_rss_kib), 0);
        }
        run_.report.add_count("conns", clients_.size());
        run_.report.add_count("not_closed_by_broker", closed_by_us_);
        return {complete, wanted_};
    }

    void on_connack(Connection& connection) override { connection.disconnect(); }

    void on_closed(Connection& connection) override {
        connection.loop().count(Counter::delivered);
        idle_.push_back(&connection);
    }

private:
    bool storm() {
        Fleet& fleet = run_.fleet;
        std::uint32_t opened = 0;
        while (fleet.total(Counter::delivered) < wanted_) {
            const std::vector<Connection*> idle = std::exchange(idle_, {});
            for (Connection* client : idle) {
                if (opened == wanted_) break;
                ++opened;
                fleet.open(*client);
            }
            fleet.turn(10ms);
            if (fleet.total(Counter::refused) != 0 || fleet.total(Counter::lost) != 0 ||
                Clock::now() > fleet.deadline()) {
                return false;
            }
            close_leftovers();
        }
        return true;
    }

    // A broker that leaves the closing to us costs a second and is counted. [MQTT-3.14.4-3]
    void close_leftovers() {
        const TimePoint now = Clock::now();
        if (now - looked_ < 200ms) return;
        looked_ = now;
        for (Connection* client : clients_) {
            if (!client->is_open() || !client->is_leaving()) continue;
            if (now - client->disconnected_at() < 1s) continue;
            ++closed_by_us_;
            client->drop();
        }
    }

    const Run& run_;
    std::uint32_t wanted_ = run_.options.whole("messages");
    std::vector<Connection*> clients_;
    std::vector<Connection*> idle_;  // Closed, to be opened again.
    std::uint64_t closed_by_us_ = 0;
    TimePoint looked_ = Clock::now();
};

Outcome run_connects(const Run& run) {
    return Connects(run).execute();
}

}  // namespace

const Scenario kConnect = {"connect", "connections set up and closed, over and over", kOptions,
                           run_connects};

}  // namespace godwit::bench
