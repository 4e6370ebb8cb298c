#include "wal_check.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>

namespace godwit::store {

namespace {

// The format: blocks of 32 KiB; in them records of a header (checksum 4, length 2, type 1, little
// endian) and a body. A batch is one FULL record, or FIRST, MIDDLE... and LAST where it crosses
// blocks. Its first 8 bytes are a sequence number, which only grows.
constexpr std::size_t kBlockSize = 32'768;
constexpr std::size_t kHeaderSize = 7;
enum Type : std::uint8_t { kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

constexpr std::array<std::uint32_t, 256> make_crc_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t crc = byte;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78U : 0);
        table[byte] = crc;
    }
    return table;
}
constexpr std::array<std::uint32_t, 256> kCrcTable = make_crc_table();

std::uint32_t crc32c(std::string_view bytes) {
    std::uint32_t crc = ~0U;
    for (const char byte : bytes)
        crc = kCrcTable[(crc ^ static_cast<unsigned char>(byte)) & 0xFF] ^ (crc >> 8);
    return ~crc;
}

// RocksDB stores checksums turned, so that a checksum over checksums stays a good one.
std::uint32_t masked(std::uint32_t crc) {
    return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U;
}

std::uint64_t little_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte)
        value = value << 8 | static_cast<unsigned char>(*byte);
    return value;
}

struct Record {
    std::uint8_t type;
    std::string_view body;
};

std::optional<Record> record_at(std::string_view block, std::size_t at) {
    if (at + kHeaderSize > block.size()) return std::nullopt;
    const auto type = static_cast<std::uint8_t>(block[at + 6]);
    const std::size_t size = little_endian(block.substr(at + 4, 2));
    if (type < kFull || type > kLast || at + kHeaderSize + size > block.size()) return std::nullopt;
    const std::string_view type_and_body = block.substr(at + 6, 1 + size);
    if (little_endian(block.substr(at, 4)) != masked(crc32c(type_and_body))) return std::nullopt;
    return Record{type, type_and_body.substr(1)};
}

class Scan {
public:
    explicit Scan(std::uint64_t log) { report_.log = log; }

    void take(std::string_view block) {
        const std::size_t intact = report_.fault ? 0 : take_records(block);
        if (report_.fault) look_behind(block, intact);
        offset_ += block.size();
    }

    // What there is to say at the end of the file.
    WalReport finish(std::uint64_t file_size) {
        if (!report_.fault && in_batch_) report_.fault = {batch_, 0};
        if (report_.fault) report_.fault->size = file_size - report_.fault->offset;
        report_.size = file_size;
        return report_;
    }

private:
    // Returns where the fault is in this block, if one is.
    std::size_t take_records(std::string_view block) {
        std::size_t at = 0;
        while (at < block.size()) {
            if (block.size() == kBlockSize && kBlockSize - at < kHeaderSize) break;  // padding
            const std::optional<Record> record = record_at(block, at);
            if (!record || !take_record(*record, offset_ + at)) {
                report_.fault = {in_batch_ ? batch_ : offset_ + at, 0};
                return at;
            }
            at += kHeaderSize + record->body.size();
        }
        return at;
    }

    bool take_record(const Record& record, std::uint64_t offset) {
        const bool begins = record.type == kFull || record.type == kFirst;
        if (begins == in_batch_) return false;
        if (begins) take_stamp(record, offset == 0);
        // The first part of a batch may be shorter than its header.
        if (begins) header_.clear();
        header_ += record.body.substr(0, kBatchHeaderSize - header_.size());
        if (record.type == kFirst) batch_ = offset;
        in_batch_ = record.type == kFirst || record.type == kMiddle;
        if (!in_batch_ && header_.size() == kBatchHeaderSize) end_batch();
        return true;
    }

    void end_batch() {
        const std::string_view header = header_;
        sequence_ = little_endian(header.substr(0, 8));
        const std::uint64_t count = little_endian(header.substr(8));
        if (count != 0) report_.last_sequence = sequence_ + count - 1;
    }

    void take_stamp(const Record& record, bool first) {
        const std::optional<LogStamp> stamp = stamp_of(record.body);
        if (!stamp) return;
        if (first) report_.follows = stamp->written;
        report_.synced = std::max(report_.synced, stamp->synced);
    }

    // What valid batches say in the rest of the block, though what was expected at `from` is bad.
    // Its length may be what is bad, so they may begin anywhere. The sequence number tells a batch
    // from a payload that looks like one.
    void look_behind(std::string_view block, std::size_t from) {
        std::size_t at = from;
        while (at + kHeaderSize < block.size()) {
            const std::optional<Record> record = record_at(block, at);
            const bool begins = record && record->type <= kFirst;
            if (!record || (begins && !is_later_batch(record->body))) {
                ++at;
                continue;
            }
            if (begins) hear(*record);
            at += kHeaderSize + record->body.size();
        }
    }
    void hear(const Record& batch) {
        take_stamp(batch, false);
        const bool told = batch.type == kFull || batch.body.size() >= kStampedSize;
        if (told && !stamp_of(batch.body)) report_.unstamped_behind = true;
    }
    [[nodiscard]] bool is_later_batch(std::string_view body) const {
        return body.size() >= kBatchHeaderSize && little_endian(body.substr(0, 8)) > sequence_;
    }

    WalReport report_;
    std::uint64_t offset_ = 0;    // of the block
    std::uint64_t sequence_ = 0;  // of the last batch
    std::string header_;          // of the batch that is being read
    std::uint64_t batch_ = 0;     // offset of a batch...
    bool in_batch_ = false;       // ...of which LAST has not come
};

}  // namespace

WalReport check_wal(const std::filesystem::path& file) {
    std::ifstream in;
    in.exceptions(std::ios::badbit | std::ios::failbit);
    in.open(file, std::ios::binary);
    in.exceptions(std::ios::badbit);

    Scan scan(wal_number(file));
    std::string block(kBlockSize, '\0');
    while (in.read(block.data(), kBlockSize), in.gcount() > 0)
        scan.take(std::string_view(block).substr(0, static_cast<std::size_t>(in.gcount())));
    return scan.finish(std::filesystem::file_size(file));
}

std::uint64_t wal_number(const std::filesystem::path& file) {
    return std::stoull(file.stem().string());
}

std::vector<std::filesystem::path> wal_files(const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        const std::string stem = entry.path().stem();
        const bool numbered = stem.find_first_not_of("0123456789") == std::string::npos;
        if (numbered && entry.path().extension() == ".log") files.push_back(entry.path());
    }
    // RocksDB pads the numbers with zeros up to six digits.
    std::sort(files.begin(), files.end(), [](const auto& left, const auto& right) {
        const std::size_t sizes[] = {left.native().size(), right.native().size()};
        return sizes[0] != sizes[1] ? sizes[0] < sizes[1] : left < right;
    });
    return files;
}

}  // namespace godwit::store
