// A file of pre-shared keys may be anything. What is accepted must be usable.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "godwit/net/psk_file.hpp"

using godwit::net::PskFault;
using godwit::net::PskKeys;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parsed = godwit::net::parse_psk_file({reinterpret_cast<const char*>(data), size});
    if (const auto* fault = std::get_if<PskFault>(&parsed)) {
        if (fault->what.empty()) std::abort();
        return 0;
    }
    for (const auto& [identity, key] : std::get<PskKeys>(parsed)) {
        if (identity.empty() || identity.size() > 256) std::abort();
        if (key.empty() || key.size() > 512) std::abort();
    }
    return 0;
}
