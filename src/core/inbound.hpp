// What clients send: bytes to packets, packets to the flows. While PUBLISHes of a connection are
// not taken (see Pause), its acknowledgements and pings still act at once; everything else waits in
// order in a bounded park, and beyond that the socket is not read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clients.hpp"
#include "context.hpp"
#include "godwit/core/route_cache.hpp"
#include "godwit/mqtt/decoder.hpp"
#include "outbound.hpp"
#include "publications.hpp"
#include "publish_limits.hpp"
#include "subscriptions.hpp"

namespace godwit::core {

class Inbound {
public:
    Inbound(ShardContext& context, Clients& clients, Outbound& outbound, Publications& publications,
            Subscriptions& subscriptions, PublishLimits& limits)
        : context_(context),
          clients_(clients),
          outbound_(outbound),
          publications_(publications),
          subscriptions_(subscriptions),
          limits_(limits),
          routes_(context.commons.router) {}

    Intake on_bytes(const ConnectionHandle& connection, mqtt::Bytes bytes);

    // The client sends no more. See Shard::on_end().
    void on_end(Session& session);

    // The pause is over: what was parked is taken, then the socket is read again.
    void resume(Session& session);

private:
    static constexpr std::size_t kParkMax = 64UL * 1024;  // bytes

    enum class Taken : std::uint8_t {
        yes,
        not_now,  // stays where it is until the pause is over
        closed,   // the connection is no more
    };

    [[nodiscard]] Taken take(Session& session, const mqtt::Frame& frame, mqtt::Bytes packet);
    [[nodiscard]] Taken dispatch(Session& session, const mqtt::Frame& frame, mqtt::Bytes packet);
    void put_off(const mqtt::Frame& frame);
    [[nodiscard]] Taken park(Attachment& attachment, mqtt::Bytes packet);
    [[nodiscard]] Taken fail(Session& session, const mqtt::Error& error);
    [[nodiscard]] Taken close(Session& session, CloseReason reason, std::string_view detail);

    [[nodiscard]] Taken on_publish(Session& session, const mqtt::Frame& frame, mqtt::Bytes packet);
    [[nodiscard]] std::optional<Taken> hold_off(Session& session, const mqtt::Publish& publish,
                                                std::size_t bytes);
    [[nodiscard]] Taken publish(Session& session, const mqtt::Publish& publish,
                                const RouteCache::Route& route, mqtt::Bytes wire);
    [[nodiscard]] const RouteCache::Route* find_route(const Session& session,
                                                      std::string_view topic);
    [[nodiscard]] Taken deny_publish(Session& session, const mqtt::Publish& publish);
    void drop_publish(Session& session, const mqtt::Publish& publish, DropReason reason);
    [[nodiscard]] bool is_repeated(Session& session, const mqtt::Publish& publish);
    [[nodiscard]] Taken on_ack(Session& session, const mqtt::Frame& frame);
    [[nodiscard]] Taken on_subscribe(Session& session, const mqtt::Frame& frame);
    [[nodiscard]] Taken on_unsubscribe(Session& session, const mqtt::Frame& frame);
    [[nodiscard]] Taken on_pingreq(Session& session, const mqtt::Frame& frame);
    [[nodiscard]] Taken on_disconnect(Session& session, const mqtt::Frame& frame);

    ShardContext& context_;
    Clients& clients_;
    Outbound& outbound_;
    Publications& publications_;
    Subscriptions& subscriptions_;
    PublishLimits& limits_;
    RouteCache routes_;
    RouteCache::Route mounted_route_;  // of a client behind a mount point
    std::string mounted_topic_;
};

}  // namespace godwit::core
