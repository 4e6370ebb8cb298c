// Names for things that live on another shard: plain values, safe to keep when the thing is gone.
#pragma once

#include <cstdint>

namespace godwit::core {

using ShardIndex = std::uint16_t;

// A session in its shard's table. The generation tells a later tenant of the same slot apart.
// Generation 0 names no session.
struct SessionHandle {
    ShardIndex shard = 0;
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;

    friend bool operator==(const SessionHandle&, const SessionHandle&) = default;
};

// One attachment of a connection to a session. A takeover makes the older handle stale, and calls
// with a stale handle do nothing.
struct ConnectionHandle {
    SessionHandle session;
    std::uint32_t attachment = 0;
};

}  // namespace godwit::core
