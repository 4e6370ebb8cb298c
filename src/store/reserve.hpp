// Room on the disk that nothing else gets: the file `godwit.reserve`, full of zeros. On a full disk
// the store gives it away, so that what is accepted and what clients acknowledge can still be
// written; the file is then empty, and is filled again once there is room beside it. One thread.
#pragma once

#include <rocksdb/env.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace godwit::store {

class Reserve {
public:
    // 32 MiB: RocksDB, to go on after a full disk, first writes to tables what it has in memory,
    // which is half of that. An eighth of a smaller disk.
    [[nodiscard]] static std::uint64_t fitting(const std::filesystem::path& directory);

    Reserve(const std::filesystem::path& directory, std::uint64_t bytes,
            rocksdb::Env* env = rocksdb::Env::Default())
        : file_(directory / "godwit.reserve"), bytes_(bytes), env_(env) {}

    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    [[nodiscard]] bool is_full() const { return size() >= bytes_; }
    // It was full once, and is not any more.
    [[nodiscard]] bool is_given() const { return env_->FileExists(file_).ok() && !is_full(); }

    // Fills it where that leaves as much again for others. Returns whether it is full.
    bool fill();
    // Returns whether there was something to give.
    bool give();

private:
    [[nodiscard]] std::uint64_t size() const;
    // So many, in place of what the file has.
    [[nodiscard]] rocksdb::Status write_zeros(std::uint64_t bytes) const;

    const std::string file_;
    const std::uint64_t bytes_;
    rocksdb::Env* const env_;
};

}  // namespace godwit::store
