// The writes of one shard's turn, in order, in bytes of our own. A batch of RocksDB's could only be
// filled with the help of an open database, and the commit thread may be opening it anew.
#pragma once

#include <rocksdb/write_batch.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "rocks.hpp"

namespace godwit::store {

class Batch {
public:
    void put(Family family, std::string_view key, std::string_view value) {
        add(Kind::put, family, key, value);
    }
    void erase(Family family, std::string_view key) { add(Kind::erase, family, key, {}); }
    // The keys from `begin` up to `end`, that one not included.
    void erase_range(Family family, std::string_view begin, std::string_view end) {
        add(Kind::erase_range, family, begin, end);
    }

    [[nodiscard]] bool empty() const { return bytes_.empty(); }
    [[nodiscard]] std::size_t size() const { return bytes_.size(); }

    void append_to(rocksdb::WriteBatch& batch, const Rocks& rocks) const;

private:
    enum class Kind : std::uint8_t { put, erase, erase_range };
    struct Header {
        Kind kind;
        Family family;
        std::uint32_t sizes[2];
    };

    void add(Kind kind, Family family, std::string_view first, std::string_view second);

    std::string bytes_;  // for each write its header and two texts
};

}  // namespace godwit::store
