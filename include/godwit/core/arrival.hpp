// A client at the door: what a decoded CONNECT becomes once it has passed the checks that need no
// session. Owns all it holds, so that it can travel with its connection to the home shard.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "godwit/core/link.hpp"
#include "godwit/core/message.hpp"
#include "godwit/core/subscription.hpp"
#include "godwit/mqtt/packet.hpp"

namespace godwit::core {

struct OwnedWill {
    MessagePtr message;  // its plain topic, already behind the mount point
    PublishTarget::Kind kind = PublishTarget::Kind::ordinary;
    mqtt::Qos qos = mqtt::Qos::at_most_once;
    bool retain = false;
};

// Whose publication it is, where rights and group strategies ask.
struct Author {
    std::string client_id;
    std::string user_name;  // empty: none
    std::string mount_point;
    std::string address;
    bool superuser = false;  // no rule restricts it
};

// Where a connection came from.
struct Origin {
    std::string address;      // for logs: HOST:PORT, or the path of a unix socket
    std::string mount_point;  // of the listener
};

// Who a client is, as its authenticator says.
struct Identity {
    std::optional<std::string> user_name;
    bool superuser = false;     // no rule restricts it
    std::uint64_t warrant = 0;  // by which the authenticator knows why it let the client in
};

struct Arrival {
    std::string client_id;
    bool client_id_assigned = false;  // by us, since the client sent none
    mqtt::ProtocolLevel level = mqtt::ProtocolLevel::mqtt311;
    bool clean_session = true;
    std::uint16_t keep_alive = 0;  // seconds, mqtt.max_keep_alive applied; 0: none
    std::optional<OwnedWill> will;
    Identity identity;
    Origin origin;
};

// A CONNECT that is not let in: CONNACK with a code where the standard has one, then close.
struct Refusal {
    std::optional<mqtt::ConnackCode> connack;
    CloseReason reason;
    std::string_view detail;  // for the log; a literal
};

}  // namespace godwit::core
