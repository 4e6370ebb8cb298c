// A PROXY header, its bytes whole and one by one: the same outcome, and never a byte too many.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "proxy_header.hpp"

using godwit::mqtt::Bytes;
using godwit::net::ProxyHeader;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // A copy of the exact size, so that a byte beyond it is noticed.
    const std::string input(reinterpret_cast<const char*>(data), size);
    const Bytes bytes = std::as_bytes(std::span(input));
    ProxyHeader whole;
    const std::size_t taken = whole.take(bytes);
    ProxyHeader bytewise;
    std::size_t count = 0;
    while (count < size && bytewise.take(bytes.subspan(count, 1)) == 1)
        ++count;

    require(taken <= size && taken == count && taken <= 2048);
    require(whole.state() == bytewise.state() && whole.fault() == bytewise.fault());
    require(whole.source().has_value() == bytewise.source().has_value());
    if (whole.source()) {
        require(whole.source()->address == bytewise.source()->address);
        require(whole.source()->port == bytewise.source()->port);
    }
    if (whole.state() == ProxyHeader::State::incomplete) require(taken == size);
    require((whole.state() == ProxyHeader::State::broken) == !whole.fault().empty());
    return 0;
}
