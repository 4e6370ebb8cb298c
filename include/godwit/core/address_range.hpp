// Addresses of the internet and ranges of them, as rules and lists of trusted networks name them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace godwit::core {

// Of either family: an IPv4 address is the IPv6 address it is mapped to, ::ffff:a.b.c.d, so that
// both texts of it are one address (RFC 4291, section 2.5.5.2).
struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};

    // 'A.B.C.D' or IPv6, without brackets, port and zone. Nothing when the text is neither.
    [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);
    [[nodiscard]] static IpAddress v4(const std::array<std::uint8_t, 4>& bytes);
    [[nodiscard]] bool is_v4() const;

    friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

// All addresses of one family that begin with the same bits.
class AddressRange {
public:
    // An address, or ADDRESS/BITS; bits of the address behind BITS do not matter. Nothing when the
    // text is neither.
    [[nodiscard]] static std::optional<AddressRange> parse(std::string_view text);

    // '::/0' is every IPv6 address, '0.0.0.0/0' every IPv4 address.
    [[nodiscard]] bool contains(const IpAddress& address) const;

    [[nodiscard]] const std::string& text() const { return text_; }  // as it was written

    friend bool operator==(const AddressRange&, const AddressRange&) = default;

private:
    AddressRange(std::string_view text, const IpAddress& first, unsigned bits)
        : text_(text), first_(first), bits_(bits) {}

    std::string text_;
    IpAddress first_;
    unsigned bits_;  // of the 128 in IpAddress
};

}  // namespace godwit::core
