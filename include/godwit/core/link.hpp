// A client's network connection as the core sees it: an outbox to fill and a few requests. The
// network derives its connection from it. Used on the loop's thread alone. None of its calls comes
// back into the core before it has returned.
#pragma once

#include <cstdint>
#include <string_view>

#include "godwit/core/outbox.hpp"

namespace godwit::core {

// Why a connection ended, for logs and counters.
enum class CloseReason : std::uint8_t {
    disconnect,             // the client sent DISCONNECT
    peer_closed,            // end of stream without DISCONNECT
    network_error,          // reset, time out of the transport
    keep_alive,             // nothing came for one and a half keep-alive periods [MQTT-3.1.2-24]
    connect_timeout,        // no whole CONNECT in time
    malformed_packet,       // [MQTT-4.8.0-1]
    protocol_violation,     //
    packet_too_large,       // mqtt.max_packet_size
    unsupported_protocol,   // CONNACK 1
    client_id_rejected,     // CONNACK 2
    server_unavailable,     // CONNACK 3
    bad_credentials,        // CONNACK 4
    not_authorized,         // CONNACK 5, or an ACL that disconnects
    locked_out,             // auth.lockout: too many failures lately
    taken_over,             // the same client id connected again [MQTT-3.1.4-2]
    takeover_limit,         // limits.takeover_rate: two devices fight for one client id
    qos_not_supported,      // a PUBLISH or will above mqtt.max_qos
    topic_too_long,         // mqtt.max_topic_length, mqtt.max_topic_levels
    too_many_awaiting_rel,  // session.max_awaiting_rel
    held,                   // 60 s of hold
    connection_limit,       // limits.max_connections or the listener's
    memory_limit,           // limits.memory_high_water
    tls_error,              // a handshake or record that TLS does not allow
    websocket_error,        // a request or frame that RFC 6455 does not allow
    proxy_header,           // none, a broken one, or one from an untrusted address
    reconfigured,           // its listener, user or rights are gone since a reload
    kicked,                 // by an administrator
    server_stopping,
};
inline constexpr std::size_t kCloseReasons =
    static_cast<std::size_t>(CloseReason::server_stopping) + 1;

[[nodiscard]] std::string_view to_string(CloseReason reason);

class Link {
public:
    explicit Link(ChunkPool& pool) : outbox_(pool) {}
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    [[nodiscard]] Outbox& outbox() { return outbox_; }
    [[nodiscard]] const Outbox& outbox() const { return outbox_; }

    // To be called after appending: the outbox is flushed at the end of this turn.
    void flush_soon() {
        if (flush_requested_) return;
        flush_requested_ = true;
        request_flush();
    }

    // Asks for one Shard::on_drained() once the outbox has been written out.
    void notify_drained() { drained_wanted_ = true; }

    // Ends the connection after what is in the outbox was sent, or could not be in a bounded time.
    // The core has let go of the link: it is not called about it again.
    virtual void close(CloseReason reason) = 0;

    // The shard takes bytes again after on_bytes() had left some: call on_bytes() anew.
    virtual void resume() = 0;

protected:
    ~Link() = default;

    virtual void request_flush() = 0;

    // For the network, when it flushes.
    void flush_begins() { flush_requested_ = false; }
    [[nodiscard]] bool take_drained_wanted() { return std::exchange(drained_wanted_, false); }

private:
    Outbox outbox_;
    bool flush_requested_ = false;
    bool drained_wanted_ = false;
};

}  // namespace godwit::core
