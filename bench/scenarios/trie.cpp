// Trie: subscribe a great many filters, then publish on topics that match a few of them each. The
// counts are those of a reference matcher, checked on every connection.
#include <algorithm>
#include <array>
#include <numeric>

#include "failure.hpp"
#include "filter_set.hpp"
#include "scenario.hpp"

namespace godwit::bench {
namespace {

constexpr std::array kOptions = {
    OptionSpec{"filters", OptionKind::whole, "200000", "distinct filters", 1, 10'000'000},
    OptionSpec{"subs", OptionKind::whole, "100", "connections that hold them", 1, 20'000},
    OptionSpec{"pubs", OptionKind::whole, "4", "publishers", 1, 1000},
    OptionSpec{"messages", OptionKind::whole, "200000", "messages in all", 1},
    window_option("64"),
    OptionSpec{"topics", OptionKind::whole, "2000", "distinct topics", 1, 1'000'000},
    OptionSpec{"max-match", OptionKind::whole, "12", "filters that a topic matches, at most", 1},
    OptionSpec{"per-sub", OptionKind::whole, "50", "filters in a SUBSCRIBE", 1, 1000},
};

class Trie final : public ConnectionEvents {
public:
    explicit Trie(const Run& run) : run_(run) {}

    Outcome execute() {
        draw_topics();
        count_expected();
        add_connections();
        run_.fleet.set_events(*this);
        run_.fleet.connect_subscribers();
        run_.fleet.connect_publishers();
        subscribe();
        const bool complete = publish();
        report_shape();
        return {complete && connections_with_wrong_count() == 0, expected_deliveries()};
    }

    // One SUBSCRIBE of a connection is under way at a time.
    void on_suback(Connection& connection) override {
        const std::uint32_t owner = connection.number();
        const std::span<const std::string> left =
            std::span(filters_.filters_of(owner)).subspan(subscribed_[owner]);
        if (left.empty()) return;
        const std::size_t taken = std::min<std::size_t>(run_.options.whole("per-sub"), left.size());
        subscribed_[owner] += taken;
        connection.subscribe(left.first(taken), 0);
    }

    void on_publish(Subscriber& subscriber, const PublishView& publish) override {
        const auto head = read_head(publish);
        Publisher* publisher = publisher_of(run_.fleet, subscriber, head);
        if (publisher == nullptr) return;
        ++subscriber.received;
        subscriber.loop().count(Counter::delivered);
        publisher->delivered(head->sequence, subscriber.loop());
    }

private:
    // Topics whose matches lie on different connections, so that a broker that merges overlapping
    // subscriptions and one that does not deliver the same. Half belong to an exact filter.
    void draw_topics() {
        const std::uint32_t wanted = run_.options.whole("topics");
        std::uint64_t draws_left = std::uint64_t{wanted} * 200;
        while (templates_.size() < wanted) {
            if (draws_left-- == 0) fail(ExitCode::usage, "--topics: so many do not match");
            const TopicLevels levels = templates_.size() % 2 == 0 ? filters_.random_exact(random_)
                                                                  : filters_.random_topic(random_);
            std::vector<std::uint32_t> owners = filters_.matching_owners(levels);
            const bool distinct = std::adjacent_find(owners.begin(), owners.end()) == owners.end();
            if (owners.empty() || owners.size() > run_.options.whole("max-match") || !distinct) {
                continue;
            }
            templates_.emplace_back(
                PublishFields{.topic = FilterSet::topic_name(levels),
                              .payload_bytes = run_.options.whole("payload"),
                              .deliveries = static_cast<std::uint32_t>(owners.size())});
            receivers_.push_back(std::move(owners));
        }
    }

    void add_connections() {
        for (std::uint32_t i = 0; i < subscribers_; ++i)
            run_.fleet.add_subscriber(i);
        for (std::uint32_t i = 0; i < publishers_; ++i) {
            sources_.emplace_back(templates_, first_topic(i));
        }
        for (const TemplateSource& source : sources_) {
            run_.fleet.add_publisher({.source = &source,
                                      .window = run_.options.whole("window"),
                                      .messages = per_publisher_,
                                      .pacing = Pacing::delivered_to_all});
        }
    }

    void subscribe() {
        const Usage before = run_.stats.read();
        for (Subscriber* subscriber : run_.fleet.subscribers())
            on_suback(*subscriber);
        run_.fleet.await_subscriptions(total_filters_);
        const Usage after = run_.stats.read();
        run_.fleet.linger(std::chrono::milliseconds(200));
        report_window(run_, "sub_", before, after, total_filters_);
        report_bytes_each(run_, "rss_bytes_per_sub", before, run_.stats.read(), total_filters_);
    }

    bool publish() {
        const Usage before = run_.stats.read();
        const bool complete = measure_deliveries(run_, expected_deliveries(), 0);
        if (run_.stats.has_broker()) {
            const double cpu_s = run_.stats.read().broker_cpu_s() - before.broker_cpu_s();
            const auto published = static_cast<double>(run_.fleet.total(Counter::sent));
            run_.report.add_figure("cpu_us_per_publish", cpu_s * 1e6 / published, 3);
        }
        return complete;
    }

    void report_shape() const {
        Report& report = run_.report;
        const std::uint32_t topics = run_.options.whole("topics");
        std::size_t matches = 0;
        for (const auto& owners : receivers_)
            matches += owners.size();
        report.add_count("filters", total_filters_);
        report.add_count("subs", subscribers_);
        report.add_count("pubs", publishers_);
        report.add_count("exact", filters_.count(FilterKind::exact));
        report.add_count("one_plus", filters_.count(FilterKind::one_plus));
        report.add_count("hash", filters_.count(FilterKind::hash));
        report.add_count("two_plus", filters_.count(FilterKind::two_plus));
        report.add_figure("matches_per_topic", static_cast<double>(matches) / topics, 3);
        report.add_count("conns_with_wrong_count", connections_with_wrong_count());
    }

    std::uint32_t first_topic(std::uint32_t publisher) const {
        return publisher * (run_.options.whole("topics") / publishers_);
    }

    void count_expected() {
        for (std::uint32_t publisher = 0; publisher < publishers_; ++publisher) {
            for (std::uint32_t sequence = 0; sequence < per_publisher_; ++sequence) {
                const std::size_t topic =
                    (std::size_t{sequence} + first_topic(publisher)) % receivers_.size();
                for (const std::uint32_t owner : receivers_[topic])
                    ++expected_[owner];
            }
        }
    }

    std::uint64_t expected_deliveries() const {
        return std::accumulate(expected_.begin(), expected_.end(), std::uint64_t{0});
    }

    std::uint64_t connections_with_wrong_count() const {
        std::uint64_t wrong = 0;
        for (const Subscriber* subscriber : run_.fleet.subscribers()) {
            if (subscriber->received != expected_[subscriber->number()]) ++wrong;
        }
        return wrong;
    }

    const Run& run_;
    std::uint32_t total_filters_ = run_.options.whole("filters");
    std::uint32_t subscribers_ = run_.options.whole("subs");
    std::uint32_t publishers_ = run_.options.whole("pubs");
    std::uint32_t per_publisher_ = run_.options.whole("messages") / publishers_;
    RandomNumbers random_{run_.options.whole("seed")};
    FilterSet filters_{total_filters_, subscribers_, random_};
    std::vector<std::size_t> subscribed_ = std::vector<std::size_t>(subscribers_);
    std::vector<PublishTemplate> templates_;             // By topic.
    std::vector<std::vector<std::uint32_t>> receivers_;  // By topic.
    std::vector<TemplateSource> sources_;                // By publisher.
    std::vector<std::uint64_t> expected_ = std::vector<std::uint64_t>(subscribers_);
};

Outcome run_trie(const Run& run) {
    return Trie(run).execute();
}

}  // namespace

const Scenario kTrie = {"trie", "hundreds of thousands of filters, a few matches a topic", kOptions,
                        run_trie};

}  // namespace godwit::bench
