// The core's other ports: chance and rights. (Link, Store, Mailer and Events have files of their
// own.) Adapters implement them; they only take the request and answer, and never call back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "godwit/mqtt/packet.hpp"

namespace godwit::core {

class Random {
public:
    [[nodiscard]] virtual std::uint64_t next() = 0;

protected:
    ~Random() = default;
};

// Who may do what. Topics and filters are plain ones, without mount point and prefixes. Its answers
// never change: other rules are another policy. Any thread.
class AccessPolicy {
public:
    struct Client {
        std::string_view client_id;
        std::string_view user_name;  // empty: none
        std::string_view address;    // HOST:PORT or the path of a unix socket; empty: not known
    };
    // Which topics of a filter its subscriber may receive.
    enum class Scope : std::uint8_t {
        none,
        some,  // may_receive() is to be asked for each message
        all,
    };

    // False where everything is allowed to everybody, so that nobody need ask.
    [[nodiscard]] virtual bool restricts() const = 0;
    [[nodiscard]] virtual bool may_publish(const Client& client, std::string_view topic) const = 0;
    [[nodiscard]] virtual bool may_receive(const Client& client, std::string_view topic) const = 0;
    [[nodiscard]] virtual Scope may_subscribe(const Client& client,
                                              std::string_view filter) const = 0;
    // Which rule makes may_receive() answer as it does, in words for whoever wrote it.
    [[nodiscard]] virtual std::string receive_rule(const Client& client,
                                                   std::string_view topic) const = 0;

protected:
    ~AccessPolicy() = default;
};

}  // namespace godwit::core
