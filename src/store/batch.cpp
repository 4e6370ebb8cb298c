#include "batch.hpp"

#include <cassert>
#include <cstring>

namespace godwit::store {

void Batch::add(Kind kind, Family family, std::string_view first, std::string_view second) {
    const Header header{
        kind,
        family,
        {static_cast<std::uint32_t>(first.size()), static_cast<std::uint32_t>(second.size())}};
    char bytes[sizeof header];
    std::memcpy(bytes, &header, sizeof header);
    bytes_.append(bytes, sizeof header).append(first).append(second);
}

void Batch::append_to(rocksdb::WriteBatch& batch, const Rocks& rocks) const {
    std::string_view rest = bytes_;
    while (!rest.empty()) {
        Header header;
        std::memcpy(&header, rest.data(), sizeof header);
        const std::string_view first = rest.substr(sizeof header, header.sizes[0]);
        const std::string_view second =
            rest.substr(sizeof header + header.sizes[0], header.sizes[1]);
        rest.remove_prefix(sizeof header + first.size() + second.size());
        rocksdb::ColumnFamilyHandle* const family = rocks.family(header.family);
        rocksdb::Status status;
        switch (header.kind) {
            case Kind::put: status = batch.Put(family, slice(first), slice(second)); break;
            case Kind::erase: status = batch.Delete(family, slice(first)); break;
            case Kind::erase_range:
                status = batch.DeleteRange(family, slice(first), slice(second));
                break;
        }
        // A batch takes every write: it has no limit, and the families are there.
        assert(status.ok());
    }
}

}  // namespace godwit::store
