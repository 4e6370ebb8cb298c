// The keys of the database and the column families they lie in. Numbers in keys are big-endian, so
// that the order of the keys is the order of the numbers.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "godwit/core/store.hpp"
#include "record_codec.hpp"

namespace godwit::store {

enum class Family : std::uint8_t {
    meta,
    sessions,
    subscriptions,
    replays,
    queues,
    incoming,
    arriving,
    retained,
    wills,
};
inline constexpr std::array<const char*, 9> kFamilyNames = {"meta",     "sessions", "subscriptions",
                                                            "replays",  "queues",   "incoming",
                                                            "arriving", "retained", "wills"};
inline constexpr std::size_t kFamilies = kFamilyNames.size();

[[nodiscard]] inline std::string_view name_of(Family family) {
    return kFamilyNames[static_cast<std::size_t>(family)];
}

inline constexpr std::string_view kFormatKey = "format";
inline constexpr std::string_view kSecretKey = "secret";
inline constexpr std::string_view kNumbersKey = "numbers";
inline constexpr std::string_view kClockKey = "clock";

inline constexpr std::size_t kNumberKeySize = 8;

// A session, a will, a row of the publication log; the beginning of all keys of a session, and of
// a row's marks.
[[nodiscard]] inline std::string number_key(std::uint64_t number) {
    std::string key;
    Writer(key).u64(number);
    return key;
}

[[nodiscard]] inline std::string subscription_key(core::Incarnation incarnation,
                                                  std::string_view filter) {
    std::string key;
    Writer writer(key);
    writer.u64(incarnation);
    writer.bytes(filter);
    return key;
}

// A message in a session's queue, by its sequence; a replay, by its number.
[[nodiscard]] inline std::string numbered_key(core::Incarnation incarnation, std::uint64_t number) {
    std::string key;
    Writer writer(key);
    writer.u64(incarnation);
    writer.u64(number);
    return key;
}

[[nodiscard]] inline std::string incoming_key(core::Incarnation incarnation,
                                              mqtt::PacketId packet_id) {
    std::string key;
    Writer writer(key);
    writer.u64(incarnation);
    writer.u16(packet_id);
    return key;
}

[[nodiscard]] inline std::string mark_key(core::LogRow row, core::ShardIndex shard) {
    std::string key;
    Writer writer(key);
    writer.u64(row);
    writer.u16(shard);
    return key;
}

// The number a key begins with. REQUIRES: key.size() >= kNumberKeySize.
[[nodiscard]] inline std::uint64_t leading_number(std::string_view key) {
    return Reader(key).u64();
}

// The sequence of a message in a queue. REQUIRES: numbered_key() made the key.
[[nodiscard]] inline std::uint64_t second_number(std::string_view key) {
    return leading_number(key.substr(kNumberKeySize));
}

}  // namespace godwit::store
