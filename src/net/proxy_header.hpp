// The header of the PROXY protocol, versions 1 and 2, as a proxy sends it in front of everything
// else (haproxy.org, proxy-protocol.txt): it names the client on whose behalf the proxy connects.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "godwit/core/address_range.hpp"
#include "godwit/mqtt/packet.hpp"

namespace godwit::net {

class ProxyHeader {
public:
    enum class State : std::uint8_t { incomplete, complete, broken };

    // Takes what belongs to the header off the front of the bytes; returns how many that is.
    [[nodiscard]] std::size_t take(mqtt::Bytes bytes);

    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] std::string_view fault() const { return fault_; }  // once broken; a literal

    struct Source {
        core::IpAddress address;
        std::uint16_t port;
    };
    // Once complete. None where the proxy speaks for itself (a health check) or does not know.
    [[nodiscard]] const std::optional<Source>& source() const { return source_; }

private:
    void add(std::byte byte);
    void on_v1();
    void on_v2();
    void check_v2_start();
    void parse_v1(std::string_view line);
    void parse_v2();
    void finish_v2(std::size_t address_bytes);
    void complete(const std::optional<Source>& source);
    void fail(std::string_view detail);

    [[nodiscard]] bool begins_as(std::string_view text) const;
    [[nodiscard]] std::uint8_t byte(std::size_t i) const {
        return static_cast<std::uint8_t>(kept_[i]);
    }
    [[nodiscard]] std::uint16_t number(std::size_t i) const {
        return static_cast<std::uint16_t>(byte(i) << 8 | byte(i + 1));
    }

    // The longest header of version 1; of version 2, more than the addresses take. What stands
    // behind those is not looked at.
    static constexpr std::size_t kKept = 107;
    std::array<char, kKept> kept_;
    std::size_t size_ = 0;  // of all that was taken
    State state_ = State::incomplete;
    std::string_view fault_;
    std::optional<Source> source_;
};

}  // namespace godwit::net
