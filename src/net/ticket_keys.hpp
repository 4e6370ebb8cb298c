// The keys of session tickets: what the broker tells a client about its TLS session, encrypted, so
// that the broker itself keeps nothing. They exist in memory alone and change with time. Any
// thread.
#pragma once

#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>

#include "godwit/core/mutex.hpp"

namespace godwit::net {

class TicketKeys {
public:
    using Time = std::chrono::steady_clock::time_point;
    // How long a ticket can be used at least, and half of the time for which its key exists.
    static constexpr std::chrono::hours kLifetime{2};

    struct Key {
        std::array<unsigned char, 16> name;
        std::array<unsigned char, 32> cipher;  // AES-256-CBC
        std::array<unsigned char, 32> mac;     // HMAC-SHA256
    };

    // The key for a new ticket.
    [[nodiscard]] std::optional<Key> current(Time now);  // nothing: no random numbers
    struct Found {
        Key key;
        bool is_current;
    };
    // The key of a ticket; nothing when it is unknown or too old.
    [[nodiscard]] std::optional<Found> find(std::span<const unsigned char, 16> name, Time now);

private:
    void turn(Time now) GODWIT_REQUIRES(mutex_);

    core::Mutex mutex_;
    std::optional<Key> current_ GODWIT_GUARDED_BY(mutex_);
    std::optional<Key> previous_ GODWIT_GUARDED_BY(mutex_);
    Time made_ GODWIT_GUARDED_BY(mutex_){};
};

// Lets the tickets of a context be made with the keys, which outlive it.
void use_ticket_keys(SSL_CTX* context, TicketKeys& keys);

}  // namespace godwit::net
