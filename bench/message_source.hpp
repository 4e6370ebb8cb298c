// What a publisher publishes. A payload begins with a head (publisher, sequence number and, when
// asked for, a time), by which the receiver checks what came.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "byte_buffer.hpp"
#include "codec.hpp"

namespace godwit::bench {

struct MessageHead {
    std::uint32_t publisher;
    std::uint32_t sequence;
};

inline constexpr std::uint32_t kHeadBytes = 8;
inline constexpr std::uint32_t kStampedHeadBytes = 16;

struct Message {
    MessageHead head;
    std::uint16_t packet_id = 0;
    std::uint64_t stamp_ns = 0;  // 0: the payload carries no time.
};

// Writes the head in front of a payload of `payload` bytes that is already there.
inline void write_head(std::uint8_t* payload, const Message& message) {
    std::memcpy(payload, &message.head, sizeof message.head);
    if (message.stamp_ns != 0) {
        std::memcpy(payload + kHeadBytes, &message.stamp_ns, sizeof message.stamp_ns);
    }
}

// Nothing when the payload is too short to hold a head.
inline std::optional<MessageHead> read_head(const PublishView& publish) {
    MessageHead head{};
    if (publish.payload.size() < sizeof head) return std::nullopt;
    std::memcpy(&head, publish.payload.data(), sizeof head);
    return head;
}

// Requires a payload of at least kStampedHeadBytes.
inline std::uint64_t read_stamp_ns(const PublishView& publish) {
    std::uint64_t stamp_ns = 0;
    std::memcpy(&stamp_ns, publish.payload.data() + kHeadBytes, sizeof stamp_ns);
    return stamp_ns;
}

class MessageSource {
public:
    MessageSource() = default;
    MessageSource(const MessageSource&) = default;
    MessageSource& operator=(const MessageSource&) = default;
    virtual ~MessageSource() = default;

    // Appends the PUBLISH; `message.packet_id` is 0 exactly at QoS 0.
    virtual void append(ByteBuffer& out, const Message& message) const = 0;

    // To how many subscribers message `sequence` goes.
    virtual std::uint32_t deliveries(std::uint32_t sequence) const = 0;
};

struct PublishFields {
    std::string_view topic;
    std::uint8_t qos = 0;
    bool retain = false;
    std::uint32_t payload_bytes = 0;
    std::uint32_t deliveries = 1;
    bool noise = false;  // Behind the head, other bytes in each message, which nobody can compress.
};

// A PUBLISH made once; a copy of it is patched for each message.
class PublishTemplate {
public:
    explicit PublishTemplate(const PublishFields& fields);

    void append(ByteBuffer& out, const Message& message) const {
        std::uint8_t* const begin = out.room(bytes_.size());
        std::memcpy(begin, bytes_.data(), bytes_.size());
        if (message.packet_id != 0) write_uint16(begin + packet_id_offset_, message.packet_id);
        if (noise_) write_noise(begin + payload_offset_, message.head);
        write_head(begin + payload_offset_, message);
        out.commit(bytes_.size());
    }
    std::string_view topic() const { return topic_; }
    std::uint32_t deliveries() const { return deliveries_; }

private:
    void write_noise(std::uint8_t* payload, const MessageHead& head) const;

    std::string topic_;
    std::vector<std::uint8_t> bytes_;
    std::size_t packet_id_offset_ = 0;
    std::size_t payload_offset_ = 0;
    std::uint32_t deliveries_;
    bool noise_;
};

// Goes round `templates`, which outlive it, beginning with number `first`.
class TemplateSource final : public MessageSource {
public:
    explicit TemplateSource(std::span<const PublishTemplate> templates, std::uint32_t first = 0)
        : templates_(templates), first_(first) {}

    const PublishTemplate& at(std::uint32_t sequence) const {
        if (templates_.size() == 1) return templates_.front();
        return templates_[(std::size_t{sequence} + first_) % templates_.size()];
    }
    void append(ByteBuffer& out, const Message& message) const override {
        at(message.head.sequence).append(out, message);
    }
    std::uint32_t deliveries(std::uint32_t sequence) const override {
        return at(sequence).deliveries();
    }

private:
    std::span<const PublishTemplate> templates_;
    std::uint32_t first_;
};

}  // namespace godwit::bench
