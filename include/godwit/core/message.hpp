// A message as the broker carries it: one immutable block holding topic and payload behind a
// prebuilt QoS 0 PUBLISH header, so that delivering it at QoS 0 is sending the block as it is.
// Counted by reference across shards. QoS, retain flag and packet id belong to a delivery, not to
// the message.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "godwit/mqtt/packet.hpp"

namespace godwit::core {

class MessagePtr;

class Message {
public:
    Message(const Message&) = delete;
    Message& operator=(const Message&) = delete;

    // REQUIRES: the PUBLISH fits the protocol's largest packet.
    [[nodiscard]] static MessagePtr make(std::string_view topic, mqtt::Bytes payload);

    [[nodiscard]] std::string_view topic() const {
        return {reinterpret_cast<const char*>(bytes()) + topic_begin_, topic_size_};
    }
    [[nodiscard]] mqtt::Bytes payload() const {
        const std::size_t begin = std::size_t{topic_begin_} + topic_size_;
        return {bytes() + begin, wire_size_ - begin};
    }
    // Bytes of topic and payload.
    [[nodiscard]] std::size_t size() const { return wire_size_ - topic_begin_; }
    // The whole packet at QoS 0, without retain flag.
    [[nodiscard]] mqtt::Bytes wire() const { return {bytes(), wire_size_}; }

private:
    friend class MessagePtr;

    Message(std::uint32_t wire_size, std::uint8_t topic_begin, std::uint16_t topic_size)
        : wire_size_(wire_size), topic_size_(topic_size), topic_begin_(topic_begin) {}
    ~Message() = default;

    [[nodiscard]] const std::byte* bytes() const {
        return reinterpret_cast<const std::byte*>(this + 1);
    }
    static void destroy(const Message* message);

    mutable std::atomic<std::uint32_t> references_{1};
    std::uint32_t wire_size_;
    std::uint16_t topic_size_;
    std::uint8_t topic_begin_;
};

// A counted reference to a Message, or nothing. The last one to go frees the block; a sole owner
// does so without a locked instruction.
class MessagePtr {
public:
    MessagePtr() = default;
    MessagePtr(const MessagePtr& other) : message_(other.message_) {
        if (message_ != nullptr) message_->references_.fetch_add(1, std::memory_order_relaxed);
    }
    MessagePtr(MessagePtr&& other) noexcept : message_(std::exchange(other.message_, nullptr)) {}
    MessagePtr& operator=(MessagePtr other) noexcept {
        std::swap(message_, other.message_);
        return *this;
    }
    ~MessagePtr() { reset(); }

    // A further reference to a message that somebody else keeps alive during the call.
    [[nodiscard]] static MessagePtr share(const Message& message) {
        message.references_.fetch_add(1, std::memory_order_relaxed);
        return MessagePtr(&message);
    }

    void reset() {
        const Message* message = std::exchange(message_, nullptr);
        if (message == nullptr) return;
        if (message->references_.load(std::memory_order_acquire) == 1 ||
            message->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            Message::destroy(message);
        }
    }

    // Gives the reference away as a bare pointer, to be taken back by adopt().
    [[nodiscard]] const Message* release() { return std::exchange(message_, nullptr); }
    [[nodiscard]] static MessagePtr adopt(const Message* message) { return MessagePtr(message); }

    [[nodiscard]] const Message* get() const { return message_; }
    const Message& operator*() const { return *message_; }
    const Message* operator->() const { return message_; }
    explicit operator bool() const { return message_ != nullptr; }

private:
    friend class Message;
    explicit MessagePtr(const Message* message) : message_(message) {}

    const Message* message_ = nullptr;
};

}  // namespace godwit::core
