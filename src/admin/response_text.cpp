#include "response_text.hpp"

#include <boost/beast/http/status.hpp>

namespace godwit::admin {
namespace {

bool has_length(const Response& response) {
    return response.events == nullptr && response.status != 204 && response.status != 304;
}

}  // namespace

std::string head_of(const Response& response, bool closes) {
    const auto reason =
        boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(response.status));
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
    head.append(reason.data(), reason.size()).append("\r\n");
    const auto add = [&head](std::string_view name, std::string_view value) {
        head.append(name).append(": ").append(value).append("\r\n");
    };
    if (!response.content_type.empty()) add("Content-Type", response.content_type);
    if (has_length(response)) {
        add("Content-Length", std::to_string(response.body.size() + response.file.size()));
    }
    add("Connection", closes ? "close" : "keep-alive");
    for (const auto& [name, value] : response.headers)
        add(name, value);
    return head + "\r\n";
}

}  // namespace godwit::admin
