// The core's other ports: chance and rights. (Link, Store, Mailer and Events have files of their
// own.) Adapters implement them; they only take the request and answer, and never call back.
#pragma once

#include <cstdint>
#include <string_view>

#include "godwit/mqtt/packet.hpp"

namespace godwit::core {

class Random {
public:
    [[nodiscard]] virtual std::uint64_t next() = 0;

protected:
    ~Random() = default;
};

// Who may do what. Topics and filters are plain ones, without mount point and prefixes.
class AccessPolicy {
public:
    struct Client {
        std::string_view client_id;
        std::string_view user_name;  // empty: none
        std::string_view address;
    };

    // False where everything is allowed to everybody, so that nobody need ask.
    [[nodiscard]] virtual bool restricts() const = 0;
    [[nodiscard]] virtual bool may_publish(const Client& client, std::string_view topic) = 0;
    [[nodiscard]] virtual bool may_subscribe(const Client& client, std::string_view filter) = 0;

protected:
    ~AccessPolicy() = default;
};

}  // namespace godwit::core
