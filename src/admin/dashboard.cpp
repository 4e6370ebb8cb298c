#include "dashboard.hpp"

#include <algorithm>

#include "asset.hpp"

namespace godwit::admin {
namespace {

// What a page of ours may do: only what comes from here, and nothing inline.
constexpr auto kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const Asset* find(std::string_view path) {
    const std::string_view wanted = path == "/" ? "/index.html" : path;
    for (const Asset& asset : assets()) {
        if (asset.path == wanted && !asset.path.starts_with("/api/")) return &asset;
    }
    return nullptr;
}

}  // namespace

std::optional<Response> dashboard_file(const Request& request, std::string_view path) {
    const Asset* const asset = find(path);
    if (asset == nullptr) return std::nullopt;
    Response response{.headers = {{"Content-Security-Policy", kContentSecurityPolicy},
                                  {"Cache-Control", "no-cache"},  // ask each time, by the tag
                                  {"Vary", "Accept-Encoding"},
                                  {"ETag", std::string(asset->etag)}}};
    if (request.if_none_match.find(asset->etag) != std::string::npos) {
        response.status = 304;
        return response;
    }
    response.content_type = asset->content_type;
    response.file = asset->plain;
    if (request.accept_encoding.find("gzip") != std::string::npos) {
        response.file = asset->gzip;
        response.headers.emplace_back("Content-Encoding", "gzip");
    }
    return response;
}

}  // namespace godwit::admin
