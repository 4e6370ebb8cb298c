// Pairs: publisher i -> topic bench/p2p/i -> subscriber i. Topic, order and QoS flows are checked.
#include <array>

#include "scenario.hpp"

namespace godwit::bench {
namespace {

constexpr std::array kOptions = {
    OptionSpec{"pairs", OptionKind::whole, "50", "publishers, and as many subscribers", 1, 20'000},
    qos_option(),
    OptionSpec{"messages", OptionKind::whole, "10000", "messages per publisher", 1},
    window_option("100"),
    persistent_option(),
};

class Pairs final : public ConnectionEvents {
public:
    explicit Pairs(const Run& run) : run_(run) {}

    Outcome execute() {
        set_up();
        const std::uint64_t expected = std::uint64_t{per_publisher_} * pairs_;
        const bool complete = measure_deliveries(run_, expected, qos_ != 0 ? expected : 0);
        run_.report.add_count("pairs", pairs_);
        run_.report.add_count("qos", qos_);
        run_.report.add_count("window", window_);
        run_.report.add_count("persistent", persistent_ ? 1 : 0);
        return {complete, expected, qos_ == 1};
    }

    void on_publish(Subscriber& subscriber, const PublishView& publish) override {
        const auto head = read_head(publish);
        const std::uint32_t pair = subscriber.number();
        if (!head || head->publisher != pair || publish.topic != templates_[pair].topic()) {
            return subscriber.loop().count(Counter::malformed);
        }
        if (!count_ordered(subscriber, 0, head->sequence)) return;
        run_.fleet.publishers()[pair]->delivered(head->sequence, subscriber.loop());
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
            subscriber.set_clean_session(!persistent_);
        }
        for (const PublishTemplate& message : templates_) {
            sources_.emplace_back(std::span(&message, 1));
        }
        for (const TemplateSource& source : sources_) {
            fleet.add_publisher(
                {.source = &source, .qos = qos_, .window = window_, .messages = per_publisher_});
        }
        fleet.set_events(*this);
        fleet.connect_subscribers();
        fleet.subscribe_all(topics, qos_);
        fleet.connect_publishers();
    }

    const Run& run_;
    std::uint32_t pairs_ = run_.options.whole("pairs");
    std::uint32_t per_publisher_ = run_.options.whole("messages");
    std::uint32_t window_ = run_.options.whole("window");
    std::uint8_t qos_ = qos_of(run_.options);
    bool persistent_ = run_.options.whole("persistent") != 0;
    std::vector<PublishTemplate> templates_;  // By pair.
    std::vector<TemplateSource> sources_;
};

Outcome run_pairs(const Run& run) {
    return Pairs(run).execute();
}

}  // namespace

const Scenario kP2p = {"p2p", "pairs of one publisher and one subscriber", kOptions, run_pairs};

}  // namespace godwit::bench
