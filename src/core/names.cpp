// The words for reasons and choices, as logs, metrics and the configuration show them.
#include "godwit/core/counters.hpp"
#include "godwit/core/inspection.hpp"
#include "godwit/core/link.hpp"
#include "godwit/core/settings.hpp"

namespace godwit::core {

std::string_view to_string(CloseReason reason) {
    switch (reason) {
        case CloseReason::disconnect: return "disconnect";
        case CloseReason::peer_closed: return "peer_closed";
        case CloseReason::network_error: return "network_error";
        case CloseReason::keep_alive: return "keep_alive";
        case CloseReason::connect_timeout: return "connect_timeout";
        case CloseReason::malformed_packet: return "malformed_packet";
        case CloseReason::protocol_violation: return "protocol_violation";
        case CloseReason::packet_too_large: return "packet_too_large";
        case CloseReason::unsupported_protocol: return "unsupported_protocol";
        case CloseReason::client_id_rejected: return "client_id_rejected";
        case CloseReason::server_unavailable: return "server_unavailable";
        case CloseReason::bad_credentials: return "bad_credentials";
        case CloseReason::not_authorized: return "not_authorized";
        case CloseReason::locked_out: return "locked_out";
        case CloseReason::taken_over: return "taken_over";
        case CloseReason::takeover_limit: return "takeover_limit";
        case CloseReason::qos_not_supported: return "qos_not_supported";
        case CloseReason::topic_too_long: return "topic_too_long";
        case CloseReason::too_many_awaiting_rel: return "too_many_awaiting_rel";
        case CloseReason::held: return "held";
        case CloseReason::connection_limit: return "connection_limit";
        case CloseReason::memory_limit: return "memory_limit";
        case CloseReason::tls_error: return "tls_error";
        case CloseReason::websocket_error: return "websocket_error";
        case CloseReason::proxy_header: return "proxy_header";
        case CloseReason::reconfigured: return "reconfigured";
        case CloseReason::kicked: return "kicked";
        case CloseReason::server_stopping: return "server_stopping";
    }
    return "unknown";
}

std::string_view to_string(DropReason reason) {
    switch (reason) {
        case DropReason::queue_full: return "queue_full";
        case DropReason::self_full: return "self_full";
        case DropReason::slow_reader: return "slow_reader";
        case DropReason::no_credit: return "no_credit";
        case DropReason::not_routable: return "not_routable";
        case DropReason::denied: return "denied";
        case DropReason::denied_delivery: return "denied_delivery";
        case DropReason::retained_limit: return "retained_limit";
        case DropReason::session_ended: return "session_ended";
        case DropReason::no_member: return "no_member";
        case DropReason::unfinished_qos2: return "unfinished_qos2";
        case DropReason::too_large: return "too_large";
        case DropReason::hold_cancelled: return "hold_cancelled";
        case DropReason::damaged: return "damaged";
        case DropReason::memory: return "memory";
    }
    return "unknown";
}

std::string_view to_string(Explanation::Verdict verdict) {
    using enum Explanation::Verdict;
    switch (verdict) {
        case subscribed: return "subscribed";
        case shared: return "shared";
        case no_matching_subscription: return "no_matching_subscription";
        case denied_by_acl: return "denied_by_acl";
        case queue_full: return "queue_full";
        case absent_qos0: return "absent_qos0";
        case outbound_full: return "outbound_full";
    }
    return "";
}

std::string_view to_string(ShareStrategy strategy) {
    switch (strategy) {
        case ShareStrategy::round_robin: return "round_robin";
        case ShareStrategy::random: return "random";
        case ShareStrategy::sticky: return "sticky";
        case ShareStrategy::hash_client_id: return "hash_client_id";
        case ShareStrategy::hash_topic: return "hash_topic";
        case ShareStrategy::least_inflight: return "least_inflight";
    }
    return "";
}

}  // namespace godwit::core
