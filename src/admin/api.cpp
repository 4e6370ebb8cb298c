#include "api.hpp"

#include <algorithm>
#include <chrono>

#include "access.hpp"
#include "dashboard.hpp"

namespace godwit::admin {
namespace {

constexpr std::string_view kApi = "/api/";

// HEAD is GET whose body nobody gets.
std::string_view route_method(const Request& request) {
    return request.method == "HEAD" ? "GET" : std::string_view(request.method);
}

struct Found {
    const Route* route = nullptr;
    std::string_view argument;
    std::string allowed;  // methods of the path, where the one asked for is not among them
};

Found find(std::string_view method, std::string_view path) {
    Found found;
    for (const Route& route : routes()) {
        const auto argument = match_path(route, path);
        if (!argument) continue;
        if (route.method == method) return {&route, *argument, ""};
        found.allowed.append(found.allowed.empty() ? "" : ", ").append(route.method);
    }
    return found;
}

Response method_not_allowed(const std::string& allowed) {
    Response response =
        error_response({405, "method_not_allowed", "this path takes " + allowed + " only"});
    response.headers.emplace_back("Allow", allowed);
    return response;
}

void add_missing(Response& response, const std::string& name, const std::string& value) {
    const auto same = [&](const auto& header) { return header.first == name; };
    if (std::none_of(response.headers.begin(), response.headers.end(), same))
        response.headers.emplace_back(name, value);
}

// Whoever makes a browser look at a response gets nothing out of it.
Response secured(Response response) {
    add_missing(response, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    add_missing(response, "X-Content-Type-Options", "nosniff");
    add_missing(response, "Referrer-Policy", "no-referrer");
    add_missing(response, "Cache-Control", "no-store");
    return response;
}

}  // namespace

Api::Api(const Settings& settings, Node& node, std::string token, Post post)
    : has_dashboard_(settings.dashboard),
      open_metrics_(settings.open_metrics),
      over_tls_(settings.tls.has_value()),
      node_name_(node.about().name),
      post_(std::move(post)),
      node_(node),
      hub_(node),
      credentials_(std::move(token)) {}

Response Api::refuse(const Problem& problem) {
    return secured(error_response(problem));
}

void Api::check_body(const Request& header, std::size_t bytes) const {
    if (bytes <= kStrangersBodyMax) return;
    check_credentials(header, credentials_, std::chrono::system_clock::now());
}

void Api::handle(const Request& request, const Answer& answer) {
    const Answer secure = [answer](Response response) { answer(secured(std::move(response))); };
    try {
        dispatch(request, secure);
    } catch (const Problem& problem) {
        secure(error_response(problem));
    }
}

void Api::dispatch(const Request& request, const Answer& answer) {
    check_host(request, node_name_);
    const auto target = parse_target(request.target);
    if (!target) throw bad_request("the target of the request is not a path");
    const Found found = find(route_method(request), target->path);
    if (found.route != nullptr) {
        return call_route(*found.route, found.argument, *target, request, answer);
    }
    if (target->path.starts_with(kApi)) {
        check_credentials(request, credentials_, std::chrono::system_clock::now());
    }
    if (!found.allowed.empty()) return answer(method_not_allowed(found.allowed));
    auto file = has_dashboard_ ? dashboard_file(request, target->path) : std::nullopt;
    if (!file) throw not_found("there is nothing at this path");
    if (route_method(request) != "GET") return answer(method_not_allowed("GET"));
    answer(*std::move(file));
}

bool Api::needs_token(const Route& route) const {
    if (route.access == Route::Access::metrics) return !open_metrics_;
    return route.access == Route::Access::token;
}

void Api::call_route(const Route& route, std::string_view argument, const Target& target,
                     const Request& request, const Answer& answer) {
    if (needs_token(route)) {
        check_credentials(request, credentials_, std::chrono::system_clock::now());
    }
    check_origin(request);
    if (route.access == Route::Access::token) {
        const Readiness readiness = node_.readiness();
        if (readiness == Readiness::starting) throw unavailable("the node starts");
        if (readiness == Readiness::stopping) throw unavailable("the node stops");
    }
    auto decoded = percent_decode(argument);
    if (!decoded) throw bad_request("the path is badly encoded");
    route.handle({.services = {.node = node_,
                               .hub = hub_,
                               .credentials = credentials_,
                               .post = post_,
                               .over_tls = over_tls_},
                  .argument = *std::move(decoded),
                  .parameters = Parameters(target.parameters, route.parameters),
                  .body = request.body,
                  .answer = answer});
}

}  // namespace godwit::admin
