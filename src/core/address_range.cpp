#include "godwit/core/address_range.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace godwit::core {

namespace {

constexpr std::array<std::uint8_t, 12> kMappedV4 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kBitsOfV4 = 32;
constexpr unsigned kBitsOfV6 = 128;

// The whole text as a number of at most `digits` digits.
std::optional<unsigned> parse_number(std::string_view text, std::size_t digits, int base) {
    if (text.empty() || text.size() > digits) return std::nullopt;
    unsigned value = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
    return value;
}

// A leading zero is refused, since to some it means octal.
std::optional<unsigned> parse_decimal(std::string_view text, unsigned max) {
    const auto value = parse_number(text, 3, 10);
    if (!value || *value > max || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    return value;
}

// Takes the text up to the separator, and the separator, off the front; all where there is none.
std::string_view take_piece(std::string_view& text, char separator) {
    const std::size_t end = text.find(separator);
    const std::string_view piece = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return piece;
}

std::optional<std::array<std::uint8_t, 4>> parse_v4(std::string_view text) {
    if (std::count(text.begin(), text.end(), '.') != 3) return std::nullopt;
    std::array<std::uint8_t, 4> bytes{};
    for (std::uint8_t& byte : bytes) {
        const auto value = parse_decimal(take_piece(text, '.'), 255);
        if (!value) return std::nullopt;
        byte = static_cast<std::uint8_t>(*value);
    }
    return bytes;
}

// What stands on one side of '::', or a whole address without it.
struct Ipv6Groups {
    std::array<std::uint8_t, 16> bytes{};
    std::size_t size = 0;

    [[nodiscard]] bool append(std::uint8_t byte) {
        if (size == bytes.size()) return false;
        bytes[size++] = byte;
        return true;
    }
};

bool append_group(Ipv6Groups& groups, std::string_view text) {
    const auto value = parse_number(text, 4, 16);
    return value && groups.append(static_cast<std::uint8_t>(*value >> 8)) &&
           groups.append(static_cast<std::uint8_t>(*value & 0xff));
}

bool append_v4(Ipv6Groups& groups, std::string_view text) {
    const auto v4 = parse_v4(text);
    return v4 &&
           std::all_of(v4->begin(), v4->end(), [&](auto byte) { return groups.append(byte); });
}

// `ends_address`: nothing follows, so the last four bytes may be written as those of IPv4.
std::optional<Ipv6Groups> parse_groups(std::string_view text, bool ends_address) {
    Ipv6Groups groups;
    if (text.empty()) return groups;
    if (text.back() == ':') return std::nullopt;
    while (!text.empty()) {
        const std::string_view piece = take_piece(text, ':');
        const bool is_v4 = text.empty() && ends_address && piece.find('.') != piece.npos;
        if (!(is_v4 ? append_v4(groups, piece) : append_group(groups, piece))) return std::nullopt;
    }
    return groups;
}

std::optional<IpAddress> parse_v6(std::string_view text) {
    const std::size_t gap = text.find("::");
    const auto head = parse_groups(text.substr(0, gap), gap == std::string_view::npos);
    if (!head) return std::nullopt;
    IpAddress address{head->bytes};
    if (gap == std::string_view::npos) {
        if (head->size != address.bytes.size()) return std::nullopt;
        return address;
    }
    const auto tail = parse_groups(text.substr(gap + 2), true);
    // The gap stands for at least one group.
    if (!tail || head->size + tail->size > address.bytes.size() - 2) return std::nullopt;
    std::copy_n(tail->bytes.begin(), tail->size,
                address.bytes.end() - static_cast<std::ptrdiff_t>(tail->size));
    return address;
}

bool begin_alike(const IpAddress& one, const IpAddress& other, unsigned bits) {
    const std::size_t whole = bits / 8;
    if (!std::equal(one.bytes.begin(), one.bytes.begin() + whole, other.bytes.begin())) {
        return false;
    }
    return bits % 8 == 0 || (one.bytes[whole] ^ other.bytes[whole]) >> (8 - bits % 8) == 0;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    if (text.find(':') != std::string_view::npos) return parse_v6(text);
    const auto bytes = parse_v4(text);
    if (!bytes) return std::nullopt;
    return v4(*bytes);
}

IpAddress IpAddress::v4(const std::array<std::uint8_t, 4>& bytes) {
    IpAddress address;
    std::copy(kMappedV4.begin(), kMappedV4.end(), address.bytes.begin());
    std::copy(bytes.begin(), bytes.end(), address.bytes.begin() + kMappedV4.size());
    return address;
}

bool IpAddress::is_v4() const {
    return std::equal(kMappedV4.begin(), kMappedV4.end(), bytes.begin());
}

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::string_view host = text.substr(0, slash);
    const auto address = IpAddress::parse(host);
    if (!address) return std::nullopt;
    if (slash == std::string_view::npos) return AddressRange(text, *address, kBitsOfV6);

    const unsigned bits_max = host.find(':') == std::string_view::npos ? kBitsOfV4 : kBitsOfV6;
    const auto bits = parse_decimal(text.substr(slash + 1), bits_max);
    if (!bits) return std::nullopt;
    return AddressRange(text, *address, kBitsOfV6 - bits_max + *bits);
}

bool AddressRange::contains(const IpAddress& address) const {
    return address.is_v4() == first_.is_v4() && begin_alike(address, first_, bits_);
}

}  // namespace godwit::core
