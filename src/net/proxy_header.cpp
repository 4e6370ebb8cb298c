#include "proxy_header.hpp"

#include <algorithm>
#include <charconv>

namespace godwit::net {

namespace {

using namespace std::string_view_literals;

// --- Version 1, a line of text (section 2.1)

constexpr std::string_view kPrefix = "PROXY ";

std::string_view take_field(std::string_view& line) {
    const std::size_t end = line.find(' ');
    const std::string_view field = line.substr(0, end);
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
    return field;
}

std::optional<core::IpAddress> parse_address(std::string_view text, bool v6) {
    if ((text.find(':') != std::string_view::npos) != v6) return std::nullopt;
    return core::IpAddress::parse(text);
}

std::optional<std::uint16_t> parse_plain_port(std::string_view text) {
    if (text.size() > 1 && text.front() == '0') return std::nullopt;
    std::uint16_t port = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, port);
    if (error != std::errc{} || rest != end) return std::nullopt;
    return port;
}

// --- Version 2, in binary (section 2.2)

constexpr std::string_view kSignature = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::size_t kStart = 16;        // signature, version and command, family, length
constexpr std::size_t kHeaderMax = 2048;  // ours; with what proxies add it takes a few hundred
constexpr std::size_t kV4Bytes = 4 + 4 + 2 + 2;
constexpr std::size_t kV6Bytes = 16 + 16 + 2 + 2;

// The thirteenth byte, and the fourteenth.
constexpr unsigned kLocal = 0x20;
constexpr unsigned kProxy = 0x21;
constexpr unsigned kUnspecified = 0x00;
constexpr unsigned kTcpV4 = 0x11;
constexpr unsigned kTcpV6 = 0x21;
constexpr unsigned kUnixStream = 0x31;

}  // namespace

std::size_t ProxyHeader::take(mqtt::Bytes bytes) {
    std::size_t taken = 0;
    while (state_ == State::incomplete && taken < bytes.size())
        add(bytes[taken++]);
    return taken;
}

void ProxyHeader::add(std::byte byte) {
    if (size_ < kKept) kept_[size_] = static_cast<char>(byte);
    ++size_;
    if (begins_as(kSignature)) return on_v2();
    if (begins_as(kPrefix)) return on_v1();
    fail("no PROXY header");
}

bool ProxyHeader::begins_as(std::string_view text) const {
    const std::size_t size = std::min(size_, text.size());
    return std::string_view(kept_.data(), size) == text.substr(0, size);
}

void ProxyHeader::complete(const std::optional<Source>& source) {
    source_ = source;
    state_ = State::complete;
}

void ProxyHeader::fail(std::string_view detail) {
    fault_ = detail;
    state_ = State::broken;
}

void ProxyHeader::on_v1() {
    const std::string_view line(kept_.data(), size_);
    if (line.ends_with("\r\n")) {
        return parse_v1(line.substr(kPrefix.size(), line.size() - kPrefix.size() - 2));
    }
    if (size_ == kKept) fail("a PROXY header without an end");
}

void ProxyHeader::parse_v1(std::string_view line) {
    const std::string_view family = take_field(line);
    if (family == "UNKNOWN") return complete(std::nullopt);
    if (family != "TCP4" && family != "TCP6") return fail("a PROXY header of an unknown family");
    const bool v6 = family == "TCP6";
    const auto source = parse_address(take_field(line), v6);
    const auto destination = parse_address(take_field(line), v6);
    const auto source_port = parse_plain_port(take_field(line));
    const auto destination_port = parse_plain_port(line);
    if (!source || !destination || !source_port || !destination_port) {
        return fail("a PROXY header with a broken address");
    }
    complete(Source{*source, *source_port});
}

void ProxyHeader::on_v2() {
    if (size_ < kStart) return;
    if (size_ == kStart) check_v2_start();
    if (state_ == State::incomplete && size_ == kStart + number(14)) parse_v2();
}

void ProxyHeader::check_v2_start() {
    const unsigned command = byte(12);
    if (command != kLocal && command != kProxy) return fail("a PROXY header of an unknown version");
    if (kStart + number(14) > kHeaderMax) fail("a PROXY header that is too long");
}

void ProxyHeader::parse_v2() {
    if (byte(12) == kLocal) return complete(std::nullopt);
    switch (byte(13)) {
        case kTcpV4: return finish_v2(kV4Bytes);
        case kTcpV6: return finish_v2(kV6Bytes);
        case kUnspecified:
        case kUnixStream: return complete(std::nullopt);
        default: return fail("a PROXY header of an unknown family");
    }
}

// Both addresses, then both ports; the client's come first.
void ProxyHeader::finish_v2(std::size_t address_bytes) {
    if (number(14) < address_bytes) return fail("a PROXY header that is too short");
    const bool v4 = address_bytes == kV4Bytes;
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < (v4 ? 4 : bytes.size()); ++i)
        bytes[i] = byte(kStart + i);
    const auto address =
        v4 ? core::IpAddress::v4({bytes[0], bytes[1], bytes[2], bytes[3]}) : core::IpAddress{bytes};
    complete(Source{address, number(kStart + address_bytes - 4)});
}

}  // namespace godwit::net
