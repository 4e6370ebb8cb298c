// About retained messages, and publishing.
#include <iostream>
#include <iterator>
#include <ostream>

#include "godwit/mqtt/topic.hpp"
#include "table.hpp"
#include "tasks.hpp"
#include "text.hpp"

namespace godwit::ctl {
namespace {

std::string retained_path_of(const std::string& topic) {
    return "/api/v1/retained/" + percent_encoded(topic);
}

std::string preview_of(const Json& message) {
    const std::string payload = decode_base64(message.value("payload", std::string()));
    return payload_text(payload) + (message.value("truncated", false) ? "\u2026" : "");
}

std::string payload_of(const Request& request) {
    if (request.payload != "-") return request.payload.value_or("");
    return {std::istreambuf_iterator<char>(std::cin), {}};
}

}  // namespace

void list_retained(const Request& request, Api& api, const Screen& screen) {
    const Json messages =
        api.all("/api/v1/retained?filter=" + percent_encoded(request.filter) + "&");
    if (request.json) return print_json(messages, screen);
    using Align = Table::Align;
    Table table({{"TOPIC"}, {"QOS", Align::right}, {"BYTES", Align::right}, {"PAYLOAD"}});
    for (const Json& message : messages.at("items")) {
        table.add({text_of(message, "topic"), text_of(message, "qos"), text_of(message, "size"),
                   preview_of(message)});
    }
    table.print(screen);
}

void get_retained(const Request& request, Api& api, const Screen& screen) {
    const Json message = api.get(retained_path_of(request.topic));
    if (request.json) return print_json(message, screen);
    const std::string payload = decode_base64(message.value("payload", std::string()));
    // A pipe gets the very bytes, a terminal none that it would obey.
    if (screen.is_terminal) {
        screen.out << payload_text(payload) << '\n';
    } else {
        screen.out << payload;
    }
}

void delete_retained(const Request& request, Api& api, const Screen& screen) {
    api.remove(retained_path_of(request.topic));
    if (request.json) return print_json({{"deleted", request.topic}}, screen);
    screen.out << "deleted " << printable(request.topic) << '\n';
}

void publish(const Request& request, Api& api, const Screen& screen) {
    if (!mqtt::is_topic_name(request.topic))
        throw Failure{"'" + printable(request.topic) + "' is no topic name"};
    const Json answer =
        api.post("/api/v1/publish", {{"topic", request.topic},
                                     {"payload", encode_base64(payload_of(request))},
                                     {"encoding", "base64"},
                                     {"qos", request.qos},
                                     {"retain", request.retain}});
    if (request.json) return print_json(answer, screen);
    const std::uint64_t matched = answer.value("matched", std::uint64_t{0});
    screen.out << "published to " << matched << (matched == 1 ? " client\n" : " clients\n");
}

}  // namespace godwit::ctl
