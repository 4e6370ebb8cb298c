// What a data directory knows of itself: the format of its records, the secret it was made with,
// from where on numbers are new, and what the broker's clock showed.
#pragma once

#include <cstdint>
#include <string>

#include "batch.hpp"
#include "godwit/core/time.hpp"
#include "rocks.hpp"

namespace godwit::store {

inline constexpr std::uint32_t kFormat = 1;

struct Meta {
    std::uint64_t secret = 0;
    std::uint64_t first_number = 0;
    core::Now clock;         // the broker's, now
    std::string clock_note;  // for the log, or empty
};

// Of a new directory: writes it. Reserves the block of numbers that begins at first_number. Throws
// StoreError when the format is newer than ours, and when a directory that is not empty has none.
[[nodiscard]] Meta open_meta(const Rocks& rocks);

// What the broker's clock shows, once `start` is carried on to now.
void put_clock(Batch& batch, const core::Now& start);

[[noreturn]] void throw_newer_format(const std::filesystem::path& directory, std::uint32_t format);

// Of random bits.
[[nodiscard]] std::uint64_t make_secret();

}  // namespace godwit::store
