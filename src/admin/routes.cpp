#include "routes.hpp"

namespace godwit::admin {
namespace {

using Access = Route::Access;

const Route kRoutes[] = {
    {"GET", "/healthz", {}, get_health, Access::open},
    {"GET", "/readyz", {}, get_readiness, Access::open},
    {"GET", "/metrics", {}, get_metrics, Access::metrics},
    {"POST", "/api/v1/session", {}, open_session, Access::open},
    {"DELETE", "/api/v1/session", {}, close_session, Access::open},
    {"GET", "/api/v1/openapi.json", {}, get_description},
    {"GET", "/api/v1/node", {}, get_node},
    {"GET", "/api/v1/stats", {}, get_stats},
    {"GET", "/api/v1/clients", {"q", "connected", "limit", "cursor"}, list_clients},
    {"GET", "/api/v1/clients/{id}", {}, get_client},
    {"DELETE", "/api/v1/clients/{id}", {"session"}, delete_client},
    {"GET",
     "/api/v1/subscriptions",
     {"client_id", "filter", "match", "limit", "cursor"},
     list_subscriptions},
    {"GET", "/api/v1/shared", {"limit", "cursor"}, list_groups},
    {"GET", "/api/v1/explain", {"client_id", "topic"}, explain},
    {"GET", "/api/v1/retained", {"filter", "limit", "cursor"}, list_retained},
    {"GET", "/api/v1/retained/{topic}", {}, get_retained},
    {"DELETE", "/api/v1/retained/{topic}", {}, delete_retained},
    {"POST", "/api/v1/publish", {}, publish},
    {"POST", "/api/v1/reload", {}, reload},
    {"GET", "/api/v1/events", {}, stream_events},
    {"GET", "/api/v1/log", {}, stream_log},
    {"GET", "/api/v1/subscribe", {"filter", "qos"}, stream_subscription},
};

}  // namespace

std::span<const Route> routes() {
    return kRoutes;
}

std::optional<std::string_view> match_path(const Route& route, std::string_view path) {
    const std::size_t brace = route.path.find('{');
    if (brace == std::string_view::npos) {
        if (path == route.path) return "";
        return std::nullopt;
    }
    if (!path.starts_with(route.path.substr(0, brace)) || path.size() == brace) {
        return std::nullopt;
    }
    return path.substr(brace);
}

}  // namespace godwit::admin
