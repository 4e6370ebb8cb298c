// Health, the node as a whole, and who may look at it.
#include <chrono>

#include "access.hpp"
#include "asset.hpp"
#include "json_body.hpp"
#include "metrics.hpp"
#include "routes.hpp"

namespace godwit::admin {
namespace {

std::string_view word(Readiness readiness) {
    switch (readiness) {
        case Readiness::starting: return "starting";
        case Readiness::ready: return "ready";
        case Readiness::stopping: return "stopping";
        case Readiness::store_failing: break;
    }
    return "store_failing";
}

Response with_cookie(const Call& call, std::string_view value, std::chrono::seconds age) {
    std::string cookie(kCookie);
    cookie.append("=").append(value).append("; Max-Age=").append(std::to_string(age.count()));
    cookie.append("; HttpOnly; SameSite=Strict; Path=/");
    if (call.services.over_tls) cookie.append("; Secure");
    return {.status = 204, .headers = {{"Set-Cookie", cookie}}};
}

}  // namespace

void get_health(const Call& call) {
    call.answer(json_response({{"status", "ok"}}));
}

void get_readiness(const Call& call) {
    const Readiness readiness = call.node().readiness();
    Response response = json_response({{"status", word(readiness)}});
    if (readiness != Readiness::ready) response.status = 503;
    call.answer(std::move(response));
}

void get_metrics(const Call& call) {
    call.answer({.content_type = std::string(kMetricsContentType),
                 .body = metrics_text(call.node().totals(), call.node().about().version)});
}

void open_session(const Call& call) {
    JsonBody body(call.body);
    const std::string token = body.required_text("token");
    body.finish();
    if (!call.services.credentials.is_token(token)) {
        throw Problem{401, "unauthorized", "this is not the token"};
    }
    const auto now = std::chrono::system_clock::now();
    call.answer(
        with_cookie(call, call.services.credentials.new_session(now), Credentials::kSessionMax));
}

void close_session(const Call& call) {
    call.answer(with_cookie(call, "", std::chrono::seconds(0)));
}

void get_node(const Call& call) {
    call.answer(json_response(json_of(call.node().about())));
}

void get_stats(const Call& call) {
    call.answer(json_response(json_of(call.node().totals(), std::chrono::system_clock::now(),
                                      call.node().about().uptime)));
}

void get_description(const Call& call) {
    for (const Asset& asset : assets()) {
        if (asset.path != "/api/v1/openapi.json") continue;
        call.answer({.content_type = std::string(asset.content_type), .file = asset.plain});
    }
}

}  // namespace godwit::admin
