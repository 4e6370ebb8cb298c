// A request and its response, apart from how they travel.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event_queue.hpp"

namespace godwit::admin {

// What of a request matters here.
struct Request {
    std::string method = "GET";
    std::string target = "/";
    std::optional<std::string> host;
    std::optional<std::string> origin;
    std::optional<std::string> authorization;
    std::string cookies;
    std::string accept_encoding;
    std::string if_none_match;
    std::string body;
};

struct Response {
    unsigned status = 200;
    std::string content_type;  // empty: there is no body
    std::string body;
    std::string_view file;  // instead of a body: bytes that live as long as the program
    std::vector<std::pair<std::string, std::string>> headers;

    // A stream of events instead of a body, until the connection ends, and what it is to keep
    // meanwhile.
    std::shared_ptr<EventQueue> events;
    std::shared_ptr<void> source;
};

// Takes the response to a request, once; on the admin thread.
using Answer = std::function<void(Response)>;

// Brings work to the admin thread; any thread. After the interface has closed it is dropped.
using Post = std::function<void(std::function<void()>)>;

}  // namespace godwit::admin
