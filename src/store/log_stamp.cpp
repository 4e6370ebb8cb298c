#include "log_stamp.hpp"

#include <cassert>
#include <string>

#include "record_codec.hpp"

namespace godwit::store {

namespace {

// How a batch writes 32 bytes that are no record: their type and their number.
constexpr std::string_view kIntroduction = "\x03\x20";
constexpr std::size_t kStampSize = 32;
static_assert(kBatchHeaderSize + kIntroduction.size() + kStampSize == kStampedSize);

}  // namespace

void put_stamp(rocksdb::WriteBatch& batch, const LogStamp& stamp) {
    assert(batch.Count() == 0);
    std::string bytes;
    Writer writer(bytes);
    for (const LogPosition& position : {stamp.written, stamp.synced}) {
        writer.u64(position.log);
        writer.u64(position.sequence);
    }
    [[maybe_unused]] const rocksdb::Status status = batch.PutLogData(bytes);
    assert(status.ok());
}

std::optional<LogStamp> stamp_of(std::string_view batch) {
    if (batch.size() < kStampedSize) return std::nullopt;
    const std::string_view begin = batch.substr(kBatchHeaderSize);
    if (!begin.starts_with(kIntroduction)) return std::nullopt;
    Reader reader(begin.substr(kIntroduction.size(), kStampSize));
    LogStamp stamp;
    for (LogPosition* position : {&stamp.written, &stamp.synced}) {
        position->log = reader.u64();
        position->sequence = reader.u64();
    }
    return stamp;
}

}  // namespace godwit::store
