// Sockets as the system gives them: an owned descriptor, an address, and the opening of listening
// sockets.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "godwit/core/address_range.hpp"
#include "godwit/net/settings.hpp"

namespace godwit::net {

// Owns a file descriptor.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int value) : value_(value) {}
    Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }
    ~Descriptor() { close(); }

    void close();
    [[nodiscard]] int get() const { return value_; }
    explicit operator bool() const { return value_ >= 0; }

private:
    int value_ = -1;
};

// The address of a TCP socket, or of a unix socket, whose path is not kept here.
class Address {
public:
    Address() = default;
    explicit Address(const core::IpAddress& ip, std::uint16_t port = 0);
    [[nodiscard]] static Address local(int descriptor);  // where a socket is bound

    // For the system to fill in.
    [[nodiscard]] sockaddr* data() { return reinterpret_cast<sockaddr*>(&storage_); }
    [[nodiscard]] static constexpr socklen_t capacity() { return sizeof(sockaddr_in6); }

    // HOST:PORT, [V6]:PORT; an IPv4 address mapped into IPv6 as what it is. HOST alone where the
    // port is not known. Empty for unix sockets.
    [[nodiscard]] std::string text() const;
    [[nodiscard]] std::string host() const;  // without brackets and port
    [[nodiscard]] bool is_loopback() const;
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::optional<core::IpAddress> ip() const;  // none for unix sockets

private:
    sockaddr_in6 storage_{};  // of either family
};

// Opens, binds and listens: one socket for each address the host has. Port 0 gives all of them the
// same free port. Throws std::runtime_error with a reason that completes '... cannot listen: '.
[[nodiscard]] std::vector<Descriptor> open_listening(const Bind& bind, int backlog,
                                                     std::uint32_t unix_mode);

}  // namespace godwit::net
