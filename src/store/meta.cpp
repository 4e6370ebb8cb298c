#include "meta.hpp"

#include <rocksdb/write_batch.h>
#include <sys/random.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "clock.hpp"
#include "godwit/store/database.hpp"
#include "numbers.hpp"

namespace godwit::store {

namespace {

std::optional<std::string> read(const Rocks& rocks, std::string_view key) {
    std::string value;
    const rocksdb::Status status =
        rocks.db().Get(rocksdb::ReadOptions(), rocks.family(Family::meta), slice(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    throw_unless_ok(rocks.directory(), status);
    return value;
}

// A directory without a checkpoint has no clock of its own yet.
Resumed resume_clock(const Rocks& rocks, const MachineClocks& now) {
    const std::optional<std::string> value = read(rocks, kClockKey);
    if (!value) return {now.wall, {}};
    const std::optional<Checkpoint> before = decode_checkpoint(*value);
    if (!before) throw_record_damaged(rocks, Family::meta, kClockKey);
    return resume(*before, now);
}

std::uint64_t read_number(const Rocks& rocks, std::string_view key) {
    const std::optional<std::string> value = read(rocks, key);
    Reader reader(value ? std::string_view(*value) : std::string_view());
    const std::uint64_t number = reader.u64();
    if (!reader.done()) throw_record_damaged(rocks, Family::meta, key);
    return number;
}

void check_format(const Rocks& rocks, std::string_view value) {
    Reader reader(value);
    const std::uint32_t format = reader.u32();
    if (!reader.done() || format == 0) throw_record_damaged(rocks, Family::meta, kFormatKey);
    if (format > kFormat) throw_newer_format(rocks.directory(), format);
}

void check_empty(const Rocks& rocks) {
    for (std::size_t family = 0; family < kFamilies; ++family) {
        const auto iterator = rocks.iterate(static_cast<Family>(family));
        iterator->SeekToFirst();
        throw_unless_ok(rocks.directory(), iterator->status());
        if (iterator->Valid()) throw_record_damaged(rocks, Family::meta, kFormatKey);
    }
}

std::string encoded(const Checkpoint& checkpoint) {
    std::string value;
    encode(checkpoint, value);
    return value;
}

void put_number(rocksdb::WriteBatch& batch, const Rocks& rocks, std::string_view key,
                std::uint64_t number) {
    throw_unless_ok(rocks.directory(),
                    batch.Put(rocks.family(Family::meta), slice(key), number_key(number)));
}

}  // namespace

void throw_newer_format(const std::filesystem::path& directory, std::uint32_t format) {
    throw StoreError("data directory " + directory.string() + " has format version " +
                     std::to_string(format) + ", written by a newer godwit; this one reads " +
                     "format version " + std::to_string(kFormat));
}

std::uint64_t make_secret() {
    std::uint64_t secret = 0;
    while (::getrandom(&secret, sizeof secret, 0) != sizeof secret) {
        if (errno != EINTR)
            throw StoreError("getrandom: " + std::generic_category().message(errno));
    }
    return secret;
}

Meta open_meta(const Rocks& rocks) {
    Meta meta;
    rocksdb::WriteBatch batch;
    if (const std::optional<std::string> format = read(rocks, kFormatKey)) {
        check_format(rocks, *format);
        meta.secret = read_number(rocks, kSecretKey);
        meta.first_number = read_number(rocks, kNumbersKey);
    } else {
        check_empty(rocks);
        meta = {make_secret(), 1};
        std::string value;
        Writer(value).u32(kFormat);
        throw_unless_ok(rocks.directory(),
                        batch.Put(rocks.family(Family::meta), slice(kFormatKey), value));
        put_number(batch, rocks, kSecretKey, meta.secret);
    }
    put_number(batch, rocks, kNumbersKey, meta.first_number + Numbers::kReserved);

    const MachineClocks machine = read_machine_clocks();
    Resumed clock = resume_clock(rocks, machine);
    meta.clock = {std::chrono::steady_clock::now(), clock.broker};
    meta.clock_note = std::move(clock.note);
    throw_unless_ok(rocks.directory(), batch.Put(rocks.family(Family::meta), slice(kClockKey),
                                                 encoded({meta.clock.wall, machine})));

    rocksdb::WriteOptions options;
    options.sync = true;
    throw_unless_ok(rocks.directory(), rocks.db().Write(options, &batch));
    return meta;
}

void put_clock(Batch& batch, const core::Now& start) {
    const core::Now now = core::later(start, std::chrono::steady_clock::now());
    batch.put(Family::meta, kClockKey, encoded({now.wall, read_machine_clocks()}));
}

}  // namespace godwit::store
