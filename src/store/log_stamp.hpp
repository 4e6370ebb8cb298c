// What every write tells, in the write-ahead log, of the writes before it: where the log had ended,
// and up to where it was on disk for sure. After a power cut a start knows by these stamps what is
// damage, and what had only not been synced yet.
#pragma once

#include <rocksdb/write_batch.h>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace godwit::store {

// A place in the logs. Before it are all logs of lower numbers, and that log up to RocksDB's
// sequence number. Unlike a file's size, that costs no call of the operating system to know.
struct LogPosition {
    std::uint64_t log = 0;  // 0: before all of them
    std::uint64_t sequence = 0;

    friend auto operator<=>(const LogPosition&, const LogPosition&) = default;
};

struct LogStamp {
    LogPosition written;  // the log ended there when the stamp was made
    LogPosition synced;
};

// To a batch that is empty: it must come first.
void put_stamp(rocksdb::WriteBatch& batch, const LogStamp& stamp);

// Of a batch as it stands in the log, from its begin on.
[[nodiscard]] std::optional<LogStamp> stamp_of(std::string_view batch);

// A batch begins with its number in the log and a count.
inline constexpr std::size_t kBatchHeaderSize = 12;
// So much of a batch tells its stamp.
inline constexpr std::size_t kStampedSize = 46;

}  // namespace godwit::store
