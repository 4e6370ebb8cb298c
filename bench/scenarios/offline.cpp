// Offline: persistent sessions subscribe at QoS 1 and leave; messages are queued for them; they
// come back and drain. All must come, in order, with session present set. With --leave 1 the
// messages stay where they are.
#include <array>

#include "scenario.hpp"

namespace godwit::bench {
namespace {

constexpr std::array kOptions = {
    OptionSpec{"sessions", OptionKind::whole, "1", "sessions, with a publisher each", 1, 20'000},
    OptionSpec{"messages", OptionKind::whole, "100000", "messages in all", 1},
    window_option("100"),
    OptionSpec{"noise", OptionKind::whole, "0", "1: payloads that cannot be compressed", 0, 1},
    OptionSpec{"leave", OptionKind::whole, "0", "1: leave the messages in the queues", 0, 1},
};

constexpr std::uint8_t kQos = 1;

class Offline final : public ConnectionEvents {
public:
    explicit Offline(const Run& run) : run_(run) {}

    Outcome execute() {
        set_up();
        leave_sessions_behind();
        const bool enqueued = enqueue();
        if (run_.options.whole("leave") != 0) return left_behind(enqueued);
        const bool drained = enqueued && drain();
        const bool in_order = run_.fleet.total(Counter::out_of_order) == 0;
        const std::uint64_t present = sessions_present();
        run_.fleet.disconnect_subscribers();
        if (drained) connect_and_leave(true);  // Leaves nothing behind.
        Report& report = run_.report;
        report.add_count("sessions", sessions_);
        report.add_count("queued", messages_);
        report.add_count("window", run_.options.whole("window"));
        report.add_count("sessions_present", present);
        return {drained && in_order && present == sessions_, messages_, true};
    }

    void on_publish(Subscriber& subscriber, const PublishView& publish) override {
        const auto head = read_head(publish);
        if (!head || head->publisher != subscriber.number()) {
            return subscriber.loop().count(Counter::malformed);
        }
        count_ordered(subscriber, 0, head->sequence);
    }

private:
    void set_up() {
        Fleet& fleet = run_.fleet;
        for (std::uint32_t session = 0; session < sessions_; ++session) {
            topics_.push_back("bench/off/" + std::to_string(session));
            templates_.emplace_back(PublishFields{.topic = topics_.back(),
                                                  .qos = kQos,
                                                  .payload_bytes = run_.options.whole("payload"),
                                                  .noise = run_.options.whole("noise") != 0});
            fleet.add_subscriber(session).order.expect_publishers(1);
        }
        for (const PublishTemplate& message : templates_) {
            sources_.emplace_back(std::span(&message, 1));
        }
        for (const TemplateSource& source : sources_) {
            fleet.add_publisher({.source = &source,
                                 .qos = kQos,
                                 .window = run_.options.whole("window"),
                                 .messages = messages_ / sessions_,
                                 .pacing = Pacing::acknowledged});
        }
        fleet.set_events(*this);
    }

    void connect(bool clean_session) {
        for (Subscriber* subscriber : run_.fleet.subscribers()) {
            subscriber->set_clean_session(clean_session);
        }
        run_.fleet.connect_subscribers();
    }

    void connect_and_leave(bool clean_session) {
        connect(clean_session);
        run_.fleet.disconnect_subscribers();
    }

    void leave_sessions_behind() {
        connect_and_leave(true);  // Wipes what an earlier run left.
        connect(false);
        run_.fleet.subscribe_all(topics_, kQos);
        run_.fleet.disconnect_subscribers();
    }

    bool enqueue() {
        Fleet& fleet = run_.fleet;
        fleet.connect_publishers();
        const Usage before = run_.stats.read();
        fleet.start_publishers();
        const bool complete =
            fleet.run_until([&] { return fleet.total(Counter::acknowledged) >= messages_; });
        const Usage after = run_.stats.read();
        fleet.linger(std::chrono::milliseconds(200));
        report_window(run_, "enqueue_", before, after, fleet.total(Counter::acknowledged));
        report_bytes_each(run_, "rss_bytes_per_msg", before, run_.stats.read(), messages_);
        return complete;
    }

    // What was acknowledged counts for delivered.
    Outcome left_behind(bool enqueued) {
        Fleet& fleet = run_.fleet;
        fleet.publishers().front()->loop().count(Counter::delivered,
                                                 fleet.total(Counter::acknowledged));
        run_.report.add_count("queued", messages_);
        return {enqueued, messages_};
    }

    bool drain() {
        Fleet& fleet = run_.fleet;
        const Usage before = run_.stats.read();
        fleet.connect_subscribers();
        const bool complete =
            fleet.run_until([&] { return fleet.total(Counter::delivered) >= messages_; });
        const Usage after = run_.stats.read();
        fleet.linger(linger_time(run_.options));
        report_window(run_, "drain_", before, after, fleet.total(Counter::delivered));
        return complete;
    }

    std::uint64_t sessions_present() const {
        std::uint64_t present = 0;
        for (const Subscriber* subscriber : run_.fleet.subscribers()) {
            if (subscriber->session_present()) ++present;
        }
        return present;
    }

    const Run& run_;
    std::uint32_t sessions_ = run_.options.whole("sessions");
    std::uint32_t messages_ = run_.options.whole("messages") / sessions_ * sessions_;
    std::vector<std::string> topics_;  // By session, as what follows.
    std::vector<PublishTemplate> templates_;
    std::vector<TemplateSource> sources_;
};

Outcome run_offline(const Run& run) {
    return Offline(run).execute();
}

}  // namespace

const Scenario kOffline = {"offline", "queue for absent sessions, then drain", kOptions,
                           run_offline};

}  // namespace godwit::bench
