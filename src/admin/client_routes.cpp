// Clients, their subscriptions and groups, and why a message does or does not reach one.
#include "godwit/mqtt/topic.hpp"
#include "routes.hpp"

namespace godwit::admin {
namespace {

constexpr auto kNoClient = "there is no session with this client id";

template <typename Item>
Then<std::optional<core::Page<Item>>> then_page(const Call& call) {
    return call.then<std::optional<core::Page<Item>>>([](const auto& page) {
        if (!page) throw bad_request("parameter 'cursor' is not from this list");
        return json_response(json_of(*page));
    });
}

std::string topic_parameter(const Parameters& parameters, std::string_view name) {
    std::string topic = parameters.required(name);
    if (!mqtt::is_topic_name(topic)) {
        throw bad_request("parameter '" + std::string(name) + "' is not a topic name");
    }
    return topic;
}

}  // namespace

void list_clients(const Call& call) {
    const core::SessionQuery query{.text = call.parameters.text("q").value_or(""),
                                   .connected = call.parameters.boolean("connected")};
    call.node().sessions(query, call.parameters.cursor(), call.parameters.limit(),
                         then_page<core::SessionView>(call));
}

void get_client(const Call& call) {
    call.node().session(call.argument,
                        call.then<std::optional<core::SessionDetail>>([](const auto& detail) {
                            if (!detail) throw not_found(kNoClient);
                            return json_response(json_of(*detail));
                        }));
}

void delete_client(const Call& call) {
    const bool with_session = call.parameters.boolean("session").value_or(false);
    call.node().kick(call.argument, with_session, call.then<bool>([](bool found) -> Response {
        if (!found) throw not_found(kNoClient);
        return {.status = 204};
    }));
}

void list_subscriptions(const Call& call) {
    core::SubscriptionQuery query{.client_id = call.parameters.text("client_id"),
                                  .filter = call.parameters.text("filter")};
    if (call.parameters.text("match")) query.match = topic_parameter(call.parameters, "match");
    call.node().subscriptions(query, call.parameters.cursor(), call.parameters.limit(),
                              then_page<core::SubscriptionView>(call));
}

void list_groups(const Call& call) {
    call.node().groups(call.parameters.cursor(), call.parameters.limit(),
                       then_page<core::GroupView>(call));
}

void explain(const Call& call) {
    const std::string client_id = call.parameters.required("client_id");
    const std::string topic = topic_parameter(call.parameters, "topic");
    call.node().explain(
        client_id, topic,
        call.then<std::optional<core::Explanation>>([topic](const auto& explanation) {
            if (!explanation) throw not_found(kNoClient);
            return json_response(json_of(*explanation, topic));
        }));
}

}  // namespace godwit::admin
