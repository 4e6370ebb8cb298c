// How records become the values of the database, and back: fixed fields in a fixed order, numbers
// big-endian, a text as its length (4 bytes) and its bytes. docs/storage.md has every field. What
// is part of a key is not in the value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/core/store.hpp"

namespace godwit::store {

// Appends to a string, which it does not clear.
class Writer {
public:
    explicit Writer(std::string& out) : out_(out) {}

    void u8(std::uint8_t value) { number(value, 1); }
    void u16(std::uint16_t value) { number(value, 2); }
    void u32(std::uint32_t value) { number(value, 4); }
    void u64(std::uint64_t value) { number(value, 8); }
    void flag(bool value) { u8(value ? 1 : 0); }
    void bytes(std::string_view value) { out_.append(value); }
    void text(std::string_view value);
    void time(core::WallTime value);  // nanoseconds since 1970

private:
    void number(std::uint64_t value, unsigned size);

    std::string& out_;
};

// Reads what a Writer wrote. A read that is out of bounds or finds a value that no writer writes
// returns nothing useful and makes done() false for good; nothing is read out of bounds.
class Reader {
public:
    explicit Reader(std::string_view in) : in_(in) {}

    [[nodiscard]] std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
    [[nodiscard]] std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
    [[nodiscard]] std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
    [[nodiscard]] std::uint64_t u64() { return number(8); }
    [[nodiscard]] bool flag() { return enumerator(1) != 0; }
    [[nodiscard]] std::string_view text();
    [[nodiscard]] core::WallTime time();
    [[nodiscard]] std::uint8_t enumerator(std::uint8_t highest);
    [[nodiscard]] std::string_view rest() { return bytes(in_.size()); }
    [[nodiscard]] std::string_view bytes(std::size_t size);

    [[nodiscard]] bool has_more() const { return !failed_ && !in_.empty(); }
    void fail() { failed_ = true; }
    [[nodiscard]] bool failed() const { return failed_; }
    // All was read, and all of it was good.
    [[nodiscard]] bool done() const { return !failed_ && in_.empty(); }

private:
    [[nodiscard]] std::uint64_t number(unsigned size);

    std::string_view in_;
    bool failed_ = false;
};

// Each appends the value to `out`.
void encode(const core::SessionRecord& record, std::string& out);       // but for the incarnation
void encode(const core::SubscriptionRecord& record, std::string& out);  // but for the filter
void encode(const core::ReplayRecord& record, std::string& out);        // but for the number
void encode(const core::QueueRecord& record, std::string& out);         // but for the sequence
void encode(const core::WillRecord& record, std::string& out);
void encode(const core::RetainedRecord& record, std::string& out);  // but for the topic
void encode(const core::LoggedPublication& publication, std::string& out);
void encode(const std::vector<core::Receiver>& receivers, std::string& out);

// Nothing when the value is none that encode() makes.
[[nodiscard]] std::optional<core::SessionRecord> decode_session(core::Incarnation incarnation,
                                                                std::string_view value);
[[nodiscard]] std::optional<core::SubscriptionRecord> decode_subscription(std::string_view filter,
                                                                          std::string_view value);
[[nodiscard]] std::optional<core::ReplayRecord> decode_replay(std::uint64_t number,
                                                              std::string_view value);
enum class MessagePart : std::uint8_t { take, leave };
[[nodiscard]] std::optional<core::QueueRecord> decode_queued(
    core::Sequence sequence, std::string_view value, MessagePart message = MessagePart::take);
[[nodiscard]] std::optional<core::WillRecord> decode_will(std::string_view value);
[[nodiscard]] std::optional<core::RetainedRecord> decode_retained(std::string_view topic,
                                                                  std::string_view value);
[[nodiscard]] std::optional<core::LoggedPublication> decode_publication(std::string_view value);
[[nodiscard]] std::optional<std::vector<core::Receiver>> decode_receivers(std::string_view value);

}  // namespace godwit::store
