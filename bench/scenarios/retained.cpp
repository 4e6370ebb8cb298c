// Retained: store a message on each of many topics, then one subscriber fetches them all.
#include <array>
#include <cstdio>

#include "scenario.hpp"

namespace godwit::bench {
namespace {

constexpr std::array kOptions = {
    OptionSpec{"messages", OptionKind::whole, "200000", "retained messages", 1, 100'000'000},
    OptionSpec{"pubs", OptionKind::whole, "4", "publishers", 1, 1000},
    window_option("100"),
    OptionSpec{"qos", OptionKind::whole, "1", "QoS of the publishers", 0, 2},
    OptionSpec{"sub-qos", OptionKind::whole, "0", "QoS of the subscriber", 0, 2},
};

// Every message has a topic of its own, bench/ret/<n / 1000>/<n % 1000>, and n as its sequence in
// the head; too many for a template each.
class RetainedSource final : public MessageSource {
public:
    RetainedSource(std::uint32_t publishers, std::uint8_t qos, std::uint32_t payload_bytes)
        : publishers_(publishers), qos_(qos), payload_bytes_(payload_bytes) {}

    void append(ByteBuffer& out, const Message& message) const override {
        const std::uint32_t n = message.head.sequence * publishers_ + message.head.publisher;
        std::array<char, 32> topic{};
        const int topic_bytes =
            std::snprintf(topic.data(), topic.size(), "bench/ret/%u/%u", n / 1000, n % 1000);
        const std::string_view name(topic.data(), static_cast<std::size_t>(topic_bytes));
        const std::size_t length = 2 + name.size() + (qos_ != 0 ? 2 : 0) + payload_bytes_;
        std::uint8_t* const begin = out.room(5 + length);
        *begin = static_cast<std::uint8_t>(0x31 | qos_ << 1);
        std::uint8_t* at = write_remaining_length(begin + 1, length);
        at = write_string(at, name);
        if (qos_ != 0) at = write_uint16(at, message.packet_id);
        std::memset(at, 'x', payload_bytes_);
        write_head(at, {.head = {message.head.publisher, n}});
        out.commit(static_cast<std::size_t>(at + payload_bytes_ - begin));
    }
    std::uint32_t deliveries(std::uint32_t) const override { return 1; }

private:
    std::uint32_t publishers_;
    std::uint8_t qos_;
    std::uint32_t payload_bytes_;
};

class Retained final : public ConnectionEvents {
public:
    explicit Retained(const Run& run) : run_(run) {}

    Outcome execute() {
        set_up();
        const bool complete = store() && fetch();
        Report& report = run_.report;
        report.add_count("retained", messages_);
        report.add_count("qos", qos_);
        report.add_count("sub_qos", subscriber_qos_);
        report.add_count("without_retain_flag", run_.fleet.total(Counter::unretained));
        return {complete && run_.fleet.total(Counter::unretained) == 0, messages_,
                subscriber_qos_ == 1};
    }

    void on_publish(Subscriber& subscriber, const PublishView& publish) override {
        EventLoop& loop = subscriber.loop();
        const auto head = read_head(publish);
        if (!head || head->sequence >= messages_) return loop.count(Counter::malformed);
        if (!publish.retain) loop.count(Counter::unretained);  // [MQTT-3.3.1-8]
        loop.count(seen_.mark(head->sequence, loop.threaded()) ? Counter::delivered
                                                               : Counter::duplicates);
    }

private:
    void set_up() {
        for (std::uint32_t i = 0; i < publishers_; ++i) {
            run_.fleet.add_publisher({.source = &source_,
                                      .qos = qos_,
                                      .window = run_.options.whole("window"),
                                      .messages = messages_ / publishers_,
                                      .pacing = Pacing::acknowledged});
        }
        run_.fleet.add_subscriber(0);
        run_.fleet.set_events(*this);
        run_.fleet.connect_publishers();
    }

    bool store() {
        Fleet& fleet = run_.fleet;
        const Counter progress = qos_ != 0 ? Counter::acknowledged : Counter::sent;
        const Usage before = run_.stats.read();
        fleet.start_publishers();
        const bool complete = fleet.run_until([&] { return fleet.total(progress) >= messages_; });
        const Usage after = run_.stats.read();
        fleet.linger(std::chrono::milliseconds(300));
        fleet.stop_publishers();
        report_window(run_, "store_", before, after, messages_);
        report_bytes_each(run_, "rss_bytes_per_msg", before, run_.stats.read(), messages_);
        return complete;
    }

    bool fetch() {
        Fleet& fleet = run_.fleet;
        const std::array<std::string, 1> filter = {"bench/ret/#"};
        fleet.connect_subscribers();
        const Usage before = run_.stats.read();
        fleet.subscribers().front()->subscribe(filter, subscriber_qos_);
        const bool complete =
            fleet.run_until([&] { return fleet.total(Counter::delivered) >= messages_; });
        const Usage after = run_.stats.read();
        fleet.linger(linger_time(run_.options));
        report_window(run_, "fetch_", before, after, fleet.total(Counter::delivered));
        return complete;
    }

    const Run& run_;
    std::uint32_t publishers_ = run_.options.whole("pubs");
    std::uint32_t messages_ = run_.options.whole("messages") / publishers_ * publishers_;
    std::uint8_t qos_ = qos_of(run_.options);
    std::uint8_t subscriber_qos_ = qos_of(run_.options, "sub-qos");
    RetainedSource source_{publishers_, qos_, run_.options.whole("payload")};
    SeenMessages seen_{messages_};
};

Outcome run_retained(const Run& run) {
    return Retained(run).execute();
}

}  // namespace

const Scenario kRetained = {"retained", "store retained messages, then fetch them all", kOptions,
                            run_retained};

}  // namespace godwit::bench
