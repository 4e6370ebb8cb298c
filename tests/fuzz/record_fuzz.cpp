// Any bytes as the value of a stored record: the first byte says of which kind, the rest is the
// value. What decodes must encode to the very same bytes.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "clock.hpp"
#include "record_codec.hpp"

namespace {

using namespace godwit::store;

template <typename Record>
void check(const std::optional<Record>& decoded, std::string_view value) {
    if (!decoded) return;
    std::string again;
    encode(*decoded, again);
    if (again != value) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view value(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0]) {
        case 's': check(decode_session(1, value), value); break;
        case 'f': check(decode_subscription("filter", value), value); break;
        case 'p': check(decode_replay(1, value), value); break;
        case 'q': check(decode_queued(1, value), value); break;
        case 'w': check(decode_will(value), value); break;
        case 'r': check(decode_retained("topic", value), value); break;
        case 'a': check(decode_publication(value), value); break;
        case 'm': check(decode_receivers(value), value); break;
        case 'c': check(decode_checkpoint(value), value); break;
        default: break;
    }
    return 0;
}
