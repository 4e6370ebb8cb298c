// Ack: QoS 1 messages for an absent persistent session, one at a time; how long each waits for its
// PUBACK. Spins on its processor.
#include <array>

#include "quantiles.hpp"
#include "scenario.hpp"

namespace godwit::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::array kOptions = {
    OptionSpec{"messages", OptionKind::whole, "5000", "messages, one after the other", 1,
               10'000'000},
};

constexpr std::uint8_t kQos = 1;

class Ack final : public ConnectionEvents {
public:
    explicit Ack(const Run& run) : run_(run) {}

    Outcome execute() {
        Fleet& fleet = run_.fleet;
        Subscriber& absent = fleet.add_subscriber(0);
        absent.order.expect_publishers(1);
        Publisher& publisher = fleet.add_publisher({.source = &source_, .qos = kQos, .window = 1});
        fleet.set_events(*this);
        absent.set_clean_session(true);  // Wipes what an earlier run left.
        fleet.connect_subscribers();
        fleet.disconnect_subscribers();
        absent.set_clean_session(false);
        fleet.connect_subscribers();
        fleet.subscribe_all(std::array{std::string(message_.topic())}, kQos);
        fleet.disconnect_subscribers();
        fleet.connect_publishers();

        const Usage before = run_.stats.read();
        const bool acknowledged = publish_all(publisher);
        const Usage after = run_.stats.read();
        report_window(run_, "", before, after, fleet.total(Counter::acknowledged));
        report_quantiles(run_.report, waits_us_);
        fleet.connect_subscribers();
        const bool complete =
            fleet.run_until([&] { return fleet.total(Counter::delivered) >= messages_; });
        fleet.linger(linger_time(run_.options));
        return {acknowledged && complete, messages_, true};
    }

    void on_publish(Subscriber& subscriber, const PublishView& publish) override {
        const auto head = read_head(publish);
        if (!head) return subscriber.loop().count(Counter::malformed);
        count_ordered(subscriber, 0, head->sequence);
    }

private:
    bool publish_all(Publisher& publisher) {
        Fleet& fleet = run_.fleet;
        waits_us_.reserve(messages_);
        while (waits_us_.size() < messages_) {
            const TimePoint sent = Clock::now();
            if (!publisher.publish_now(sent)) return false;
            while (fleet.total(Counter::acknowledged) <= waits_us_.size()) {
                fleet.turn(0ms);
                const TimePoint now = Clock::now();
                if (now - sent > fleet.stall() || now > fleet.deadline()) return false;
                if (fleet.total(Counter::lost) != 0) return false;
            }
            waits_us_.push_back(static_cast<float>(seconds_between(sent, Clock::now()) * 1e6));
        }
        return true;
    }

    const Run& run_;
    std::uint32_t messages_ = run_.options.whole("messages");
    PublishTemplate message_{
        {.topic = "bench/ack", .qos = kQos, .payload_bytes = run_.options.whole("payload")}};
    TemplateSource source_{std::span(&message_, 1)};
    std::vector<float> waits_us_;
};

Outcome run_ack(const Run& run) {
    return Ack(run).execute();
}

}  // namespace

const Scenario kAck = {"ack", "time to the PUBACK for an absent session", kOptions, run_ack};

}  // namespace godwit::bench
