// All that can be asked for, and who answers it.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "call.hpp"

namespace godwit::admin {

struct Route {
    std::string_view method;
    std::string_view path;  // a last part in braces stands for the rest of the path
    std::vector<std::string_view> parameters;
    void (*handle)(const Call& call);

    enum class Access : std::uint8_t {
        open,
        metrics,  // open as admin.open_metrics says
        token,
    };
    Access access = Access::token;
};

[[nodiscard]] std::span<const Route> routes();

// What stands in `path` for the braces, still encoded; empty where there are none. Nothing where
// the route is for another path.
[[nodiscard]] std::optional<std::string_view> match_path(const Route& route, std::string_view path);

// The handlers; a file for each of docs/http-api.md's chapters.
void get_health(const Call& call);
void get_readiness(const Call& call);
void get_metrics(const Call& call);
void open_session(const Call& call);
void close_session(const Call& call);
void get_node(const Call& call);
void get_stats(const Call& call);
void get_description(const Call& call);
void list_clients(const Call& call);
void get_client(const Call& call);
void delete_client(const Call& call);
void list_subscriptions(const Call& call);
void list_groups(const Call& call);
void explain(const Call& call);
void list_retained(const Call& call);
void get_retained(const Call& call);
void delete_retained(const Call& call);
void publish(const Call& call);
void reload(const Call& call);
void stream_events(const Call& call);
void stream_log(const Call& call);
void stream_subscription(const Call& call);

}  // namespace godwit::admin
