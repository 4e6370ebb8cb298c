// What a function returns when its input may be bad: Result<T> holds a T or an Error.
// Bad input is a value, never an exception; details are static texts, so an Error owns nothing.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>

namespace godwit::mqtt {

// What was wrong, coarse enough to count. Each closes the network connection [MQTT-4.8.0-1].
enum class Errc : std::uint8_t {
    malformed_packet,            // the bytes do not form the packet they claim to be
    protocol_violation,          // a well-formed packet that is not allowed here
    packet_too_large,            // larger than mqtt.max_packet_size
    unsupported_protocol_level,  // CONNECT of a level we do not speak: CONNACK 1 [MQTT-3.1.2-2]
};

[[nodiscard]] std::string_view to_string(Errc code);

struct Error {
    Errc code;
    std::string_view detail;  // For our log; a peer never sees it. Points to a literal.
};

template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
    Result(Error error) : state_(error) {}         // NOLINT(google-explicit-constructor)

    [[nodiscard]] bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    // REQUIRES: ok().
    [[nodiscard]] T& value() { return *std::get_if<0>(&state_); }
    [[nodiscard]] const T& value() const { return *std::get_if<0>(&state_); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    // REQUIRES: !ok().
    [[nodiscard]] const Error& error() const { return *std::get_if<1>(&state_); }

private:
    std::variant<T, Error> state_;
};

}  // namespace godwit::mqtt
