// About who gets what.
#include <fmt/format.h>

#include <ostream>

#include "table.hpp"
#include "tasks.hpp"
#include "text.hpp"

namespace godwit::ctl {
namespace {

std::string subscriber_state_of(const Json& subscriber) {
    return subscriber.value("connected", false) ? "connected" : "absent";
}

std::uint64_t deliveries_of(const Json& group) {
    std::uint64_t sum = 0;
    for (const Json& member : group.at("members"))
        sum += member.value("deliveries", std::uint64_t{0});
    return sum;
}

std::string share_of(std::uint64_t deliveries, std::uint64_t all) {
    if (all == 0) return "-";
    return fmt::format("{:.1f} %",
                       100.0 * static_cast<double>(deliveries) / static_cast<double>(all));
}

std::string filter_of(const Json& group) {
    return (group.value("local", false) ? "$local/" : "") + text_of(group, "filter");
}

std::string meaning_of(const std::string& reason) {
    static const std::pair<const char*, const char*> kMeanings[] = {
        {"subscribed", "it has a filter that matches"},
        {"no_matching_subscription", "none of its filters matches"},
        {"denied_by_acl", "access rules deny it"},
        {"queue_full", "its queue is full"},
        {"absent_qos0", "it is absent, and QoS 0 is not queued"},
        {"shared", "one member of each group gets it, perhaps another one"},
        {"outbound_full", "it does not read what waits for it"},
    };
    for (const auto& [name, meaning] : kMeanings) {
        if (reason == name) return meaning;
    }
    return printable(reason);
}

void print_explanation(const Json& answer, const Screen& screen) {
    const Json& queue = answer.at("queue");
    Facts facts;
    facts.add("client id", text_of(answer, "client_id"));
    facts.add("topic", text_of(answer, "topic"));
    facts.add("delivered", std::string(answer.value("delivered", false) ? "yes" : "no") + ": " +
                               meaning_of(answer.value("reason", std::string())));
    facts.add("QoS at most", text_of(answer, "qos"));
    facts.add("state", subscriber_state_of(answer));
    facts.add("queued", text_of(queue, "queued_messages") + " (" +
                            size_text(queue.value("queued_bytes", 0.0)) + ")" +
                            (queue.value("full", false) ? ", full" : ""));
    facts.add("in flight",
              text_of(queue, "inflight_messages") + " of " + text_of(queue, "max_inflight"));
    facts.add("held", text_of(queue, "held_messages"));
    facts.add("retained value", answer.value("retained", false) ? "yes" : "no");
    facts.print(screen);
}

}  // namespace

void list_subscriptions(const Request& request, Api& api, const Screen& screen) {
    std::string path = "/api/v1/subscriptions?";
    if (!request.client_id.empty()) path += "client_id=" + percent_encoded(request.client_id) + "&";
    if (!request.topic.empty()) path += "match=" + percent_encoded(request.topic) + "&";
    const Json subscriptions = api.all(path);
    if (request.json) return print_json(subscriptions, screen);
    Table table({{"CLIENT ID"}, {"FILTER"}, {"QOS", Table::Align::right}, {"STATE"}});
    for (const Json& subscription : subscriptions.at("items")) {
        table.add({text_of(subscription, "client_id"), text_of(subscription, "filter"),
                   text_of(subscription, "qos"), subscriber_state_of(subscription)});
    }
    table.print(screen);
}

void list_shared(const Request& request, Api& api, const Screen& screen) {
    const Json groups = api.all("/api/v1/shared?");
    if (request.json) return print_json(groups, screen);
    using Align = Table::Align;
    Table table({{"GROUP"},
                 {"FILTER"},
                 {"STRATEGY"},
                 {"MEMBER"},
                 {"STATE"},
                 {"DELIVERIES", Align::right},
                 {"SHARE", Align::right},
                 {"IN FLIGHT", Align::right}});
    for (const Json& group : groups.at("items")) {
        const std::uint64_t all = deliveries_of(group);
        const std::string name = text_of(group, "group");
        for (const Json& member : group.at("members")) {
            table.add({name.empty() ? "$queue" : name, filter_of(group), text_of(group, "strategy"),
                       text_of(member, "client_id"), subscriber_state_of(member),
                       text_of(member, "deliveries"),
                       share_of(member.value("deliveries", std::uint64_t{0}), all),
                       text_of(member, "inflight_messages")});
        }
    }
    table.print(screen);
}

void explain(const Request& request, Api& api, const Screen& screen) {
    const Json answer = api.get("/api/v1/explain?client_id=" + percent_encoded(request.client_id) +
                                "&topic=" + percent_encoded(request.topic));
    if (request.json) return print_json(answer, screen);
    print_explanation(answer, screen);
    Table table({{"FILTER"}, {"QOS", Table::Align::right}, {"ALLOWED"}, {"BY"}});
    for (const Json& match : answer.at("matches")) {
        table.add({text_of(match, "filter"), text_of(match, "qos"),
                   match.value("allowed", false) ? "yes" : "no", text_of(match, "acl")});
    }
    if (!table.empty()) {
        screen.out << '\n';
        table.print(screen);
    }
    print_drops(answer, screen);
}

}  // namespace godwit::ctl
