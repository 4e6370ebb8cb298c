// What operators want to read in the log. The core and the network report, the server writes.
// Called on a loop's thread, possibly several at once; must not block and not call back.
#pragma once

#include <cstdint>
#include <string_view>

#include "godwit/core/arrival.hpp"
#include "godwit/core/counters.hpp"

namespace godwit::core {

class Events {
public:
    // CONNACK 0 is on its way.
    virtual void client_connected(const Arrival& arrival, bool session_present) = 0;
    // A client that was connected is no more.
    virtual void client_disconnected(std::string_view client_id, std::string_view address,
                                     CloseReason reason, std::string_view detail) = 0;
    // A connection ended before it was a client's; the id is empty where no CONNECT was read.
    virtual void connection_refused(std::string_view client_id, std::string_view address,
                                    CloseReason reason, std::string_view detail) = 0;
    // One client id has been taken over limits.takeover_rate times within a minute, and now there
    // is one more: the first of those that are refused for a minute. The holder stays.
    virtual void takeovers_refused(std::string_view client_id, std::string_view holder_address,
                                   std::string_view newcomer_address) = 0;
    virtual void session_expired(std::string_view client_id) = 0;
    // QoS 1 and 2 messages lost to a limit, at most once a second and session.
    virtual void messages_dropped(std::string_view client_id, DropReason reason,
                                  std::uint64_t count) = 0;

protected:
    ~Events() = default;
};

}  // namespace godwit::core
