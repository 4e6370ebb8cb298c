// Fan-in: many publishers on topics of their own, few consumers. The consumers share the messages
// ($share or $queue: each message goes to one of them) or each get all.
#include <array>
#include <cmath>

#include "failure.hpp"
#include "scenario.hpp"

namespace godwit::bench {
namespace {

constexpr std::array kOptions = {
    OptionSpec{"pubs", OptionKind::whole, "200", "publishers", 1, 20'000},
    OptionSpec{"subs", OptionKind::whole, "10", "consumers", 1, 1000},
    qos_option(),
    OptionSpec{"messages", OptionKind::whole, "5000", "messages per publisher", 1},
    window_option("20"),
    OptionSpec{"mode", OptionKind::text, "share", "share, queue or plain (each gets all)"},
};

std::string filter_of(const std::string& mode) {
    if (mode == "share") return "$share/g/bench/in/#";
    if (mode == "queue") return "$queue/bench/in/#";
    if (mode == "plain") return "bench/in/#";
    fail(ExitCode::usage, "--mode: share, queue or plain is needed, not '" + mode + "'");
}

class Fanin final : public ConnectionEvents {
public:
    explicit Fanin(const Run& run) : run_(run) {}

    Outcome execute() {
        set_up();
        const std::uint64_t published = std::uint64_t{per_publisher_} * publishers_;
        const std::uint64_t expected = published * copies_;
        const bool complete = measure_deliveries(run_, expected, qos_ != 0 ? published : 0);
        run_.report.add_text("mode", run_.options.text("mode"));
        run_.report.add_count("pubs", publishers_);
        run_.report.add_count("subs", consumers_);
        run_.report.add_count("qos", qos_);
        run_.report.add_count("window", window_);
        report_split();
        return {complete, expected, qos_ == 1};
    }

    void on_publish(Subscriber& subscriber, const PublishView& publish) override {
        const auto head = read_head(publish);
        Publisher* publisher = publisher_of(run_.fleet, subscriber, head);
        if (publisher == nullptr) return;
        ++subscriber.received;
        if (shared_ ? !count_share(subscriber, *head)
                    : !count_ordered(subscriber, head->publisher, head->sequence)) {
            return;
        }
        publisher->delivered(head->sequence, subscriber.loop());
    }

private:
    void set_up() {
        Fleet& fleet = run_.fleet;
        for (std::uint32_t i = 0; i < consumers_; ++i) {
            fleet.add_subscriber(i).order.expect_publishers(publishers_);
        }
        for (std::uint32_t i = 0; i < publishers_; ++i) {
            templates_.emplace_back(PublishFields{.topic = "bench/in/" + std::to_string(i),
                                                  .qos = qos_,
                                                  .payload_bytes = run_.options.whole("payload"),
                                                  .deliveries = copies_});
            if (shared_) seen_.emplace_back(per_publisher_);
        }
        for (const PublishTemplate& message : templates_) {
            sources_.emplace_back(std::span(&message, 1));
        }
        for (const TemplateSource& source : sources_) {
            fleet.add_publisher(
                {.source = &source,
                 .qos = qos_,
                 .window = window_,
                 .messages = per_publisher_,
                 .pacing = copies_ > 1 ? Pacing::delivered_to_all : Pacing::delivered});
        }
        const std::array<std::string, 1> filters = {filter_};
        fleet.set_events(*this);
        fleet.connect_subscribers();
        fleet.subscribe_all(filters, qos_);
        fleet.connect_publishers();
    }

    // True unless another consumer, or this one, has had the message.
    bool count_share(Subscriber& subscriber, const MessageHead& head) {
        EventLoop& loop = subscriber.loop();
        if (head.sequence >= per_publisher_) {
            loop.count(Counter::malformed);
            return false;
        }
        if (!seen_[head.publisher].mark(head.sequence, loop.threaded())) {
            loop.count(Counter::duplicates);
            return false;
        }
        if (!subscriber.order.arrived_of_share(head.publisher, head.sequence)) {
            loop.count(Counter::out_of_order);
        }
        loop.count(Counter::delivered);
        return true;
    }

    // How evenly the consumers were served: split_cv is standard deviation over mean.
    void report_split() const {
        double sum = 0;
        double sum_of_squares = 0;
        std::uint64_t least = UINT64_MAX;
        std::uint64_t most = 0;
        for (const Subscriber* consumer : run_.fleet.subscribers()) {
            const auto received = static_cast<double>(consumer->received);
            sum += received;
            sum_of_squares += received * received;
            least = std::min(least, consumer->received);
            most = std::max(most, consumer->received);
        }
        const double mean = sum / consumers_;
        const double variance = std::max(0.0, sum_of_squares / consumers_ - mean * mean);
        run_.report.add_count("split_min", least);
        run_.report.add_count("split_max", most);
        run_.report.add_figure("split_cv", std::sqrt(variance) / mean, 4);
    }

    const Run& run_;
    std::string filter_ = filter_of(run_.options.text("mode"));
    bool shared_ = run_.options.text("mode") != "plain";
    std::uint32_t publishers_ = run_.options.whole("pubs");
    std::uint32_t consumers_ = run_.options.whole("subs");
    std::uint32_t copies_ = shared_ ? 1 : consumers_;
    std::uint32_t per_publisher_ = run_.options.whole("messages");
    std::uint32_t window_ = run_.options.whole("window");
    std::uint8_t qos_ = qos_of(run_.options);
    std::vector<PublishTemplate> templates_;  // By publisher.
    std::vector<TemplateSource> sources_;
    std::vector<SeenMessages> seen_;  // By publisher, when shared.
};

Outcome run_fanin(const Run& run) {
    return Fanin(run).execute();
}

}  // namespace

const Scenario kFanin = {"fanin", "many publishers, consumers that share or get all", kOptions,
                         run_fanin};

}  // namespace godwit::bench
