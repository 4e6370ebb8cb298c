// Fan-out: few publishers, many subscribers, all on one topic. The rate counts deliveries.
#include <array>

#include "failure.hpp"
#include "scenario.hpp"

namespace godwit::bench {
namespace {

constexpr std::uint64_t kFlowsMax = 20'000'000;  // Memory: 8 bytes for each.

constexpr std::array kOptions = {
    OptionSpec{"pubs", OptionKind::whole, "1", "publishers", 1, 20'000},
    OptionSpec{"subs", OptionKind::whole, "1000", "subscribers", 1, 100'000},
    qos_option(),
    OptionSpec{"messages", OptionKind::whole, "2000", "messages per publisher", 1},
    window_option("32"),
};

class Fanout final : public ConnectionEvents {
public:
    explicit Fanout(const Run& run) : run_(run) {}

    Outcome execute() {
        if (std::uint64_t{publishers_} * subscribers_ > kFlowsMax) {
            fail(ExitCode::usage, "--pubs times --subs is too large");
        }
        set_up();
        const std::uint64_t published = std::uint64_t{per_publisher_} * publishers_;
        const std::uint64_t expected = published * subscribers_;
        const bool complete = measure_deliveries(run_, expected, qos_ != 0 ? published : 0);
        run_.report.add_count("pubs", publishers_);
        run_.report.add_count("subs", subscribers_);
        run_.report.add_count("qos", qos_);
        run_.report.add_count("window", window_);
        return {complete, expected, qos_ == 1};
    }

    void on_publish(Subscriber& subscriber, const PublishView& publish) override {
        const auto head = read_head(publish);
        Publisher* publisher = publisher_of(run_.fleet, subscriber, head);
        if (publisher == nullptr) return;
        if (!count_ordered(subscriber, head->publisher, head->sequence)) return;
        publisher->delivered(head->sequence, subscriber.loop());
    }

private:
    void set_up() {
        Fleet& fleet = run_.fleet;
        for (std::uint32_t i = 0; i < subscribers_; ++i) {
            fleet.add_subscriber(i).order.expect_publishers(publishers_);
        }
        for (std::uint32_t i = 0; i < publishers_; ++i) {
            fleet.add_publisher({.source = &source_,
                                 .qos = qos_,
                                 .window = window_,
                                 .messages = per_publisher_,
                                 .pacing = Pacing::delivered_to_all});
        }
        const std::array<std::string, 1> filter = {"bench/fan"};
        fleet.set_events(*this);
        fleet.connect_subscribers();
        fleet.subscribe_all(filter, qos_);
        fleet.connect_publishers();
    }

    const Run& run_;
    std::uint32_t publishers_ = run_.options.whole("pubs");
    std::uint32_t subscribers_ = run_.options.whole("subs");
    std::uint32_t per_publisher_ = run_.options.whole("messages");
    std::uint32_t window_ = run_.options.whole("window");
    std::uint8_t qos_ = qos_of(run_.options);
    PublishTemplate template_{{.topic = "bench/fan",
                               .qos = qos_,
                               .payload_bytes = run_.options.whole("payload"),
                               .deliveries = subscribers_}};
    TemplateSource source_{std::span(&template_, 1)};
};

Outcome run_fanout(const Run& run) {
    return Fanout(run).execute();
}

}  // namespace

const Scenario kFanout = {"fanout", "one topic, many subscribers", kOptions, run_fanout};

}  // namespace godwit::bench
