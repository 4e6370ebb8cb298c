// About clients and their sessions.
#include <array>
#include <ctime>
#include <ostream>

#include "table.hpp"
#include "tasks.hpp"
#include "text.hpp"

namespace godwit::ctl {
namespace {

std::string client_path_of(const std::string& client_id) {
    return "/api/v1/clients/" + percent_encoded(client_id);
}

std::string client_state_of(const Json& client) {
    return client.value("connected", false) ? "connected" : "absent";
}

std::string now() {
    const std::time_t seconds = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts)};
}

// How long it has been there, or how long its session waits for it yet.
std::string since(const Json& client, const std::string& now) {
    if (client.value("connected", false))
        return duration_text(seconds_between(text_of(client, "connected_at"), now));
    const std::string end = text_of(client, "expires_at");
    return end == "-" ? "-" : "ends in " + duration_text(seconds_between(now, end));
}

std::string pauses_of(const Json& client) {
    std::string pauses;
    for (const Json& pause : client.at("pauses"))
        pauses += (pauses.empty() ? "" : ", ") + printable(pause.get<std::string>());
    return pauses;
}

std::string will_of(const Json& client) {
    const Json& will = client.at("will");
    if (will.is_null()) return "none";
    return text_of(will, "topic") + " (QoS " + text_of(will, "qos") +
           (will.value("retain", false) ? ", retained)" : ")");
}

void print_client(const Json& client, const Screen& screen) {
    Facts facts;
    facts.add("client id", text_of(client, "client_id"));
    facts.add("user name", text_of(client, "user_name"));
    facts.add("state", client_state_of(client));
    facts.add("address", text_of(client, "address"));
    facts.add("connected at", time_text(text_of(client, "connected_at")));
    facts.add("session ends", time_text(text_of(client, "expires_at")));
    facts.add("protocol", text_of(client, "protocol"));
    facts.add("keep alive", text_of(client, "keep_alive") + " s");
    facts.add("clean session", text_of(client, "clean_session"));
    if (const std::string mount = text_of(client, "mount_point"); !mount.empty() && mount != "-")
        facts.add("mount point", mount);
    facts.add("will", will_of(client));
    facts.add("queued", text_of(client, "queued_messages") + " (" +
                            size_text(client.value("queued_bytes", 0.0)) + ")");
    facts.add("in flight", text_of(client, "inflight_messages"));
    facts.add("awaiting release", text_of(client, "awaiting_rel"));
    facts.add("held", text_of(client, "held_messages"));
    if (const std::string pauses = pauses_of(client); !pauses.empty())
        facts.add("not read from", pauses);
    facts.print(screen);
}

}  // namespace

void print_json(const Json& json, const Screen& screen) {
    screen.out << json.dump(2) << '\n';
}

void print_drops(const Json& holder, const Screen& screen) {
    Table table({{"DROPPED AT"}, {"REASON"}, {"QOS", Table::Align::right}, {"TOPIC"}});
    for (const Json& drop : holder.at("last_drops")) {
        table.add({time_text(text_of(drop, "time")), text_of(drop, "reason"), text_of(drop, "qos"),
                   text_of(drop, "topic")});
    }
    if (table.empty()) return;
    screen.out << '\n';
    table.print(screen);
}

void list_clients(const Request& request, Api& api, const Screen& screen) {
    std::string path = "/api/v1/clients?";
    if (!request.query.empty()) path += "q=" + percent_encoded(request.query) + "&";
    if (request.connected)
        path += std::string("connected=") + (*request.connected ? "true&" : "false&");
    const Json clients = api.all(path);
    if (request.json) return print_json(clients, screen);
    using Align = Table::Align;
    Table table({{"CLIENT ID"},
                 {"USER"},
                 {"ADDRESS"},
                 {"STATE"},
                 {"SINCE"},
                 {"FILTERS", Align::right},
                 {"QUEUED", Align::right},
                 {"IN FLIGHT", Align::right}});
    const std::string at = now();
    for (const Json& client : clients.at("items")) {
        table.add({text_of(client, "client_id"), text_of(client, "user_name"),
                   text_of(client, "address"), client_state_of(client), since(client, at),
                   text_of(client, "subscriptions"), text_of(client, "queued_messages"),
                   text_of(client, "inflight_messages")});
    }
    table.print(screen);
}

void show_client(const Request& request, Api& api, const Screen& screen) {
    const Json client = api.get(client_path_of(request.client_id));
    if (request.json) return print_json(client, screen);
    print_client(client, screen);
    Table table({{"FILTER"}, {"QOS", Table::Align::right}});
    for (const Json& subscription : client.at("subscriptions"))
        table.add({text_of(subscription, "filter"), text_of(subscription, "qos")});
    if (!table.empty()) {
        screen.out << '\n';
        table.print(screen);
    }
    print_drops(client, screen);
}

void kick(const Request& request, Api& api, const Screen& screen) {
    api.remove(client_path_of(request.client_id) + (request.with_session ? "?session=true" : ""));
    if (request.json) return print_json({{"kicked", request.client_id}}, screen);
    screen.out << "kicked " << printable(request.client_id)
               << (request.with_session ? ", and its session is gone\n" : "\n");
}

}  // namespace godwit::ctl
