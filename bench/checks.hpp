// What must hold of received messages: each once, and in the order of its publisher.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace godwit::bench {

enum class Arrival { in_order, late, duplicate };

// One subscriber's view of the order of each publisher's messages, for a subscriber that is due
// every message. [MQTT-4.6.0-6]
class OrderCheck {
public:
    void expect_publishers(std::size_t count) { flows_.assign(count, {}); }

    Arrival arrived(std::uint32_t publisher, std::uint32_t sequence) {
        Flow& flow = flows_[publisher];
        if (sequence >= flow.next) {
            flow.skipped += sequence - flow.next;
            flow.next = sequence + 1;
            return Arrival::in_order;
        }
        if (flow.skipped == 0) return Arrival::duplicate;
        --flow.skipped;  // Taken for one of those that were overtaken.
        return Arrival::late;
    }

    // The same for a subscriber that gets a share of the messages: gaps mean nothing there, and
    // duplicates are SeenMessages' part. True when in order.
    bool arrived_of_share(std::uint32_t publisher, std::uint32_t sequence) {
        Flow& flow = flows_[publisher];
        if (sequence < flow.next) return false;
        flow.next = sequence + 1;
        return true;
    }

private:
    struct Flow {
        std::uint32_t next = 0;
        std::uint32_t skipped = 0;
    };
    std::vector<Flow> flows_;  // By publisher.
};

// Which of `count` messages any subscriber has seen. Subscribers on any loop may use it.
class SeenMessages {
public:
    explicit SeenMessages(std::uint64_t count)
        : words_(std::make_unique<std::atomic<std::uint64_t>[]>(count / 64 + 1)) {}

    // True the first time. `shared`: other threads may be calling too.
    bool mark(std::uint32_t sequence, bool shared) {
        auto& word = words_[sequence / 64];
        const std::uint64_t bit = std::uint64_t{1} << (sequence % 64);
        if (shared) return (word.fetch_or(bit, std::memory_order_relaxed) & bit) == 0;
        const std::uint64_t before = word.load(std::memory_order_relaxed);
        word.store(before | bit, std::memory_order_relaxed);
        return (before & bit) == 0;
    }

private:
    std::unique_ptr<std::atomic<std::uint64_t>[]> words_;
};

}  // namespace godwit::bench
