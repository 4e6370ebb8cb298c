// A publishing connection in a closed loop: it stops when `window` of its messages are under way.
// So a broker that queues window x publishers messages for a subscriber has no reason to drop one,
// and a message that is missing is the broker's fault.
//
// Lives on one loop, apart from delivered(), which the loop of any subscriber may call.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "connection.hpp"
#include "message_source.hpp"
#include "packet_ids.hpp"

namespace godwit::bench {

// Until when a message counts as under way; at QoS 1 and 2 until acknowledged in any case.
enum class Pacing {
    acknowledged,      // Not at all at QoS 0.
    delivered,         // One subscriber has it.
    delivered_to_all,  // All have it that MessageSource::deliveries() counts.
};

struct PublishPlan {
    const MessageSource* source;  // Outlives the publisher.
    std::uint8_t qos = 0;
    std::uint32_t window = 100;
    std::uint64_t messages = 0;
    Pacing pacing = Pacing::delivered;
};

class Publisher final : public Connection {
public:
    static constexpr std::uint32_t kWindowMax = 60'000;

    Publisher(EventLoop& loop, std::uint32_t number, std::string client_id,
              const PublishPlan& plan);

    // Publishes what the plan holds, as fast as the window allows.
    void start();
    void stop() { running_ = false; }

    // Publishes one message at once with `stamp` in its payload, whatever the window says. False
    // when that would exceed the window in acknowledgements; then nothing is sent.
    [[nodiscard]] bool publish_now(TimePoint stamp);

    // One delivery of message `sequence` has come to loop `by`.
    void delivered(std::uint32_t sequence, EventLoop& by) {
        if (due_ && !was_last_delivery(sequence)) return;
        if (by.threaded()) return count_completed_threaded(by);
        // A plain addition costs less than an atomic one.
        completed_.store(completed_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        touch();
    }

    std::uint64_t messages() const { return plan_.messages; }

protected:
    void on_packet(const Frame& frame) override;
    void produce() override;
    bool may_produce() const override;

private:
    void append_next(std::uint64_t stamp_ns);
    void on_acknowledged(const Frame& frame, PacketIds::State from);
    bool was_last_delivery(std::uint32_t sequence);
    void count_completed_threaded(EventLoop& by);

    PublishPlan plan_;
    bool running_ = false;
    std::uint64_t sent_ = 0;
    std::uint64_t acknowledged_ = 0;
    PacketIds packet_ids_;
    std::atomic<std::uint64_t> completed_{0};

    // Deliveries still to come of each message under way, by sequence; null when all have one.
    std::unique_ptr<std::atomic<std::uint32_t>[]> due_;
    std::uint64_t due_mask_ = 0;
};

}  // namespace godwit::bench
