#include "publisher.hpp"

#include <bit>
#include <utility>

namespace godwit::bench {
namespace {

constexpr std::size_t kOutBytesMax = std::size_t{256} * 1024;

}  // namespace

Publisher::Publisher(EventLoop& loop, std::uint32_t number, std::string client_id,
                     const PublishPlan& plan)
    : Connection(loop, number, std::move(client_id)), plan_(plan), packet_ids_(plan.window) {
    loop.add_wakeable(*this);
    if (plan_.pacing == Pacing::delivered_to_all) {
        const std::size_t slots = std::bit_ceil(plan_.window);
        due_ = std::make_unique<std::atomic<std::uint32_t>[]>(slots);
        due_mask_ = slots - 1;
    }
}

void Publisher::start() {
    running_ = true;
    touch();
}

bool Publisher::publish_now(TimePoint stamp) {
    if (plan_.qos != 0 && sent_ - acknowledged_ >= plan_.window) return false;
    append_next(to_nanoseconds(stamp));
    loop().count(Counter::sent);
    flush();
    return true;
}

void Publisher::count_completed_threaded(EventLoop& by) {
    completed_.fetch_add(1, std::memory_order_acq_rel);
    if (&by == &loop()) {
        touch();
    } else {
        by.wake_after_turn(loop());
    }
}

void Publisher::on_packet(const Frame& frame) {
    const std::uint16_t packet_id = read_packet_id(frame);
    switch (frame.type()) {
        case PacketType::puback: return on_acknowledged(frame, PacketIds::State::published);
        case PacketType::pubcomp: return on_acknowledged(frame, PacketIds::State::released);
        case PacketType::pubrec:
            // A repeated PUBREC gets its PUBREL again. [MQTT-4.3.3-1]
            if (packet_ids_.move(packet_id, PacketIds::State::published,
                                 PacketIds::State::released) ||
                packet_ids_.move(packet_id, PacketIds::State::released,
                                 PacketIds::State::released)) {
                return send_ack(PacketType::pubrel, packet_id);
            }
            return loop().count(Counter::malformed);
        default: return Connection::on_packet(frame);
    }
}

void Publisher::produce() {
    const std::uint64_t sent_before = sent_;
    while (out().size() < kOutBytesMax && may_produce())
        append_next(0);
    if (sent_ != sent_before) loop().count(Counter::sent, sent_ - sent_before);
}

bool Publisher::may_produce() const {
    if (!running_ || sent_ == plan_.messages) return false;
    if (plan_.pacing != Pacing::acknowledged &&
        sent_ - completed_.load(std::memory_order_acquire) >= plan_.window) {
        return false;
    }
    if (plan_.qos != 0 && sent_ - acknowledged_ >= plan_.window) return false;
    return !due_ || due_[sent_ & due_mask_].load(std::memory_order_acquire) == 0;
}

void Publisher::append_next(std::uint64_t stamp_ns) {
    const auto sequence = static_cast<std::uint32_t>(sent_);
    if (due_) {
        due_[sent_ & due_mask_].store(plan_.source->deliveries(sequence),
                                      std::memory_order_release);
    }
    plan_.source->append(out(),
                         {.head = {number(), sequence},
                          .packet_id = plan_.qos != 0 ? packet_ids_.take() : std::uint16_t{0},
                          .stamp_ns = stamp_ns});
    ++sent_;
}

void Publisher::on_acknowledged(const Frame& frame, PacketIds::State from) {
    // PUBACK to a QoS 2 message, and PUBCOMP to a QoS 1 message, are as wrong as an unknown id.
    const bool belongs = plan_.qos == (from == PacketIds::State::published ? 1 : 2);
    if (!belongs || !packet_ids_.move(read_packet_id(frame), from, PacketIds::State::free)) {
        return loop().count(Counter::malformed);
    }
    ++acknowledged_;
    loop().count(Counter::acknowledged);
    touch();
}

// A delivery more than were due changes nothing here; the counts tell.
bool Publisher::was_last_delivery(std::uint32_t sequence) {
    auto& due = due_[sequence & due_mask_];
    if (loop().threaded()) return due.fetch_sub(1, std::memory_order_acq_rel) == 1;
    const std::uint32_t before = due.load(std::memory_order_relaxed);
    if (before == 0) return false;
    due.store(before - 1, std::memory_order_relaxed);
    return before == 1;
}

}  // namespace godwit::bench
