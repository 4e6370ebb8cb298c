// Who is this? Asked once for each CONNECT, before anything of the client exists in a shard.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "godwit/core/arrival.hpp"

namespace godwit::core {

// What a CONNECT says about its sender, and what is known of its connection. Owns all it holds: the
// answer may take a while.
struct Credentials {
    std::string client_id;
    std::optional<std::string> user_name;
    std::optional<std::string> password;        // any bytes
    std::optional<std::string> certified_name;  // proved by TLS; stands before the user name
    std::string host;                           // the address without its port, or a unix path
    std::string listener;                       // its name
    bool anonymous = false;  // the listener admits clients that nobody vouches for
};

// Who it is, or why it is not let in.
using Verdict = std::variant<Identity, Refusal>;

class Authenticator {
public:
    using Answer = std::function<void(Verdict)>;

    // The verdict, where it is known at once. Where it takes time, nothing: `answer` is then called
    // once, on any thread. Any thread; never blocks.
    [[nodiscard]] virtual std::optional<Verdict> authenticate(Credentials credentials,
                                                              Answer answer) = 0;

    // Would the same client be let in still? For those that are connected when another
    // authenticator takes the place of the one that let them in. Any thread; never blocks.
    [[nodiscard]] virtual bool vouches_for(const Identity& identity) const = 0;

protected:
    ~Authenticator() = default;
};

}  // namespace godwit::core
