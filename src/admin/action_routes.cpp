// What a request can make the node do.
#include "base64.hpp"
#include "godwit/mqtt/topic.hpp"
#include "json_body.hpp"
#include "routes.hpp"

namespace godwit::admin {
namespace {

std::vector<std::byte> payload_of(const std::string& text, const std::string& encoding) {
    if (encoding == "plain") {
        const auto* const begin = reinterpret_cast<const std::byte*>(text.data());
        return {begin, begin + text.size()};
    }
    if (encoding != "base64") throw bad_request("'encoding': expected plain or base64");
    auto payload = decode_base64(text);
    if (!payload) throw bad_request("'payload' is not base64");
    return *std::move(payload);
}

Publication publication_of(const std::string& text) {
    JsonBody body(text);
    Publication publication;
    publication.topic = body.required_text("topic");
    publication.payload = payload_of(body.text("payload", ""), body.text("encoding", "plain"));
    publication.qos = static_cast<mqtt::Qos>(body.number("qos", 0, 2, 0));
    publication.retain = body.boolean("retain", false);
    body.finish();
    if (!mqtt::is_topic_name(publication.topic)) throw bad_request("'topic' is not a topic name");
    return publication;
}

}  // namespace

void publish(const Call& call) {
    call.node().publish(publication_of(call.body), call.then<std::size_t>([](std::size_t matched) {
        return json_response({{"matched", matched}});
    }));
}

void reload(const Call& call) {
    call.node().reload(call.then<std::string>([](const std::string& problem) {
        if (!problem.empty()) throw Problem{422, "rejected", problem};
        return json_response({{"status", "reloaded"}});
    }));
}

}  // namespace godwit::admin
