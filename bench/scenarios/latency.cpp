// Latency: pairs at a fixed rate, in an open loop. A message is stamped with the time it was due,
// so a late generator or a blocked socket counts as latency. Spins on its processor.
#include <array>
#include <utility>

#include "failure.hpp"
#include "quantiles.hpp"
#include "scenario.hpp"

namespace godwit::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::array kOptions = {
    OptionSpec{"pairs", OptionKind::whole, "50", "publishers, and as many subscribers", 1, 20'000},
    OptionSpec{"rate", OptionKind::decimal, "5000", "messages per second, in all", 1, 10'000'000},
    OptionSpec{"seconds", OptionKind::decimal, "10", "length of the run", 0.1, 3600},
    qos_option(),
    persistent_option(),
};

constexpr std::uint32_t kUnacknowledgedMax = 16'000;  // Per publisher.

class Latency final : public ConnectionEvents {
public:
    explicit Latency(const Run& run) : run_(run) {}

    Outcome execute() {
        if (run_.options.whole("threads") != 1) fail(ExitCode::usage, "latency: one thread only");
        if (run_.options.whole("payload") < kStampedHeadBytes) {
            fail(ExitCode::usage, "latency: a --payload of at least 16 is needed");
        }
        set_up();
        const Usage before = run_.stats.read();
        const bool complete = run_at_rate();
        const Usage after = run_.stats.read();
        run_.fleet.linger(linger_time(run_.options));
        report_window(run_, "", before, after, run_.fleet.total(Counter::delivered));
        report_latencies();
        return {complete, wanted_, qos_ == 1};
    }

    void on_publish(Subscriber& subscriber, const PublishView& publish) override {
        EventLoop& loop = subscriber.loop();
        const auto head = read_head(publish);
        if (publish.payload.size() < kStampedHeadBytes || head->publisher != subscriber.number()) {
            return loop.count(Counter::malformed);
        }
        if (!count_ordered(subscriber, 0, head->sequence)) return;
        const std::uint64_t now_ns = to_nanoseconds(loop.read_time());
        const std::uint64_t due_ns = read_stamp_ns(publish);
        latencies_us_.push_back(now_ns > due_ns ? static_cast<float>(now_ns - due_ns) / 1000 : 0);
    }

private:
    void set_up() {
        Fleet& fleet = run_.fleet;
        std::vector<std::string> topics;
        for (std::uint32_t pair = 0; pair < pairs_; ++pair) {
            topics.push_back("bench/p2p/" + std::to_string(pair));
            templates_.emplace_back(PublishFields{.topic = topics.back(),
                                                  .qos = qos_,
                                                  .payload_bytes = run_.options.whole("payload")});
            Subscriber& subscriber = fleet.add_subscriber(pair);
            subscriber.order.expect_publishers(1);
            subscriber.set_clean_session(run_.options.whole("persistent") == 0);
        }
        for (const PublishTemplate& message : templates_) {
            sources_.emplace_back(std::span(&message, 1));
        }
        for (const TemplateSource& source : sources_) {
            fleet.add_publisher({.source = &source, .qos = qos_, .window = kUnacknowledgedMax});
        }
        latencies_us_.reserve(wanted_ + 1000);
        fleet.set_events(*this);
        fleet.stamp_reads();
        fleet.connect_subscribers();
        fleet.subscribe_all(topics, qos_);
        fleet.connect_publishers();
        fleet.linger(100ms);
    }

    bool run_at_rate() {
        Fleet& fleet = run_.fleet;
        const std::uint64_t acknowledgements = qos_ != 0 ? wanted_ : 0;
        start_ = Clock::now() + 1ms;
        while (fleet.total(Counter::delivered) < wanted_ ||
               fleet.total(Counter::acknowledged) < acknowledgements) {
            const TimePoint now = Clock::now();
            if (!publish_due(now)) return false;
            fleet.turn(0ms);
            const bool stalled = sent_ == wanted_ && now - last_sent_ > fleet.stall();
            if (stalled || fleet.total(Counter::lost) != 0 || now > fleet.deadline()) return false;
        }
        return true;
    }

    // False when a publisher has too many messages without acknowledgement.
    bool publish_due(TimePoint now) {
        while (sent_ < wanted_) {
            const TimePoint due = start_ + from_seconds(static_cast<double>(sent_) / rate_);
            if (due > now) break;
            if (now - due > 1ms) ++sent_late_;
            if (!run_.fleet.publishers()[sent_ % pairs_]->publish_now(due)) return false;
            ++sent_;
            last_sent_ = now;
        }
        return true;
    }

    void report_latencies() {
        Report& report = run_.report;
        report.add_count("pairs", pairs_);
        report.add_count("qos", qos_);
        report.add_figure("offered_rate", rate_, 0);
        report_quantiles(report, std::move(latencies_us_));
        report.add_count("sent_late_1ms", sent_late_);
    }

    const Run& run_;
    std::uint32_t pairs_ = run_.options.whole("pairs");
    double rate_ = run_.options.decimal("rate");
    std::uint64_t wanted_ = static_cast<std::uint64_t>(rate_ * run_.options.decimal("seconds"));
    std::uint8_t qos_ = qos_of(run_.options);
    std::vector<PublishTemplate> templates_;  // By pair.
    std::vector<TemplateSource> sources_;
    std::vector<float> latencies_us_;
    TimePoint start_;
    TimePoint last_sent_;
    std::uint64_t sent_ = 0;
    std::uint64_t sent_late_ = 0;
};

Outcome run_latency(const Run& run) {
    return Latency(run).execute();
}

}  // namespace

const Scenario kLatency = {"latency", "time from due to received, at a fixed rate", kOptions,
                           run_latency};

}  // namespace godwit::bench
