// Where mosquitto listens, and for whom.
#include <charconv>
#include <system_error>

#include "option.hpp"

namespace godwit::mosquitto {
namespace {

constexpr const char* kPort = "a port, 1 to 65535";

bool parse_port(std::string_view text, std::uint16_t& port) {
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc{} && rest == text.data() + text.size();
}

// `listener PORT [HOST]`, `listener 0 PATH`.
std::string open_listener(Broker& broker, const Statement& statement) {
    const std::size_t end = statement.value.find(' ');
    const std::size_t rest = statement.value.find_first_not_of(' ', end);
    const std::string host = rest == std::string::npos ? "" : statement.value.substr(rest);
    Listener listener{.opened_by = statement};
    if (!parse_port(std::string_view(statement.value).substr(0, end), listener.port)) return kPort;
    if (listener.port == 0 && !host.starts_with('/')) return "with port 0, the path of a socket";
    (listener.port == 0 ? listener.unix_path : listener.host) = host;
    broker.current_listeners[statement.file] = broker.listeners.size();
    broker.listeners.push_back(std::move(listener));
    return {};
}

std::string set_port(Broker& broker, const Statement& statement) {
    std::uint16_t port = 0;
    if (!parse_port(statement.value, port) || port == 0) return kPort;
    broker.default_listener.port = port;
    broker.default_port = {statement.value, origin_of(statement)};
    return {};
}

std::string set_bind_address(Broker& broker, const Statement& statement) {
    broker.default_listener.host = statement.value;
    return read(broker.default_host, statement);
}

std::string set_max_connections(Broker& broker, const Statement& statement) {
    Listener& listener = broker.current(statement);
    std::string problem = read(listener.max_connections, statement);
    if (listener.max_connections.value >= 0 && &listener == &broker.default_listener)
        broker.default_is_wanted = true;
    return problem;
}

std::string set_protocol(Broker& broker, const Statement& statement) {
    if (statement.value != "mqtt" && statement.value != "websockets") return "mqtt or websockets";
    Listener& listener = broker.current(statement);
    if (statement.value == "websockets" && &listener == &broker.default_listener)
        broker.default_is_wanted = true;
    return read(listener.protocol, statement);
}

std::string set_socket_domain(Broker& broker, const Statement& statement) {
    if (statement.value != "ipv4" && statement.value != "ipv6") return "ipv4 or ipv6";
    return read(broker.current(statement).socket_domain, statement);
}

std::string use_username_as_client_id(Broker& broker, const Statement& statement) {
    Said<bool> said;
    std::string problem = read(said, statement);
    if (!said.value) return problem;
    warn(broker, statement,
         "clients keep the ids that they choose; an id in use, or with a session, is given to "
         "nobody "
         "of another user name");
    return problem;
}

}  // namespace

Options listener_options() {
    return {
        {"listener", open_listener},
        {"port", set_port},
        {"bind_address", set_bind_address},
        wakes_default(of_listener(
            "bind_interface", [](Listener & l) -> auto& { return l.bind_interface; })),
        {"max_connections", set_max_connections},
        wakes_default(of_listener(
            "max_qos", [](Listener & l) -> auto& { return l.max_qos; })),
        of_listener(
            "mount_point", [](Listener & l) -> auto& { return l.mount_point; }),
        {"protocol", set_protocol},
        wakes_default({"socket_domain", set_socket_domain}),
        wakes_default({"use_username_as_clientid", use_username_as_client_id}),
    };
}

}  // namespace godwit::mosquitto
