// The mosquitto that a configuration describes, option by option, with the lines that say so.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "statement.hpp"

namespace godwit::mosquitto {

// What an option says, or mosquitto's default.
template <typename Value>
struct Said {
    Value value{};
    std::string origin;  // "line 3: port 1883"; empty: nothing says it

    [[nodiscard]] bool is_said() const { return !origin.empty(); }
};

// What per_listener_settings makes a matter of each listener.
struct Access {
    Said<std::string> password_file;
    Said<std::string> acl_file;
    Said<std::string> psk_file;
    Said<bool> allow_anonymous;
    Said<std::string> plugin;
};

struct Tls {
    Said<std::string> cafile;
    Said<std::string> capath;
    Said<std::string> certfile;
    Said<std::string> keyfile;
    Said<std::string> crlfile;
    Said<std::string> ciphers;
    Said<std::string> ciphers_1_3;
    Said<std::string> version;
    Said<std::string> keyform;
    Said<std::string> psk_hint;
    Said<bool> require_certificate;
    Said<bool> use_identity;
    Said<bool> use_subject;
};

struct Listener {
    Statement opened_by;  // its `listener`; without an option: the default listener
    std::uint16_t port = 1883;
    std::string host;       // empty: all addresses
    std::string unix_path;  // empty: TCP
    Said<std::string> protocol;
    Said<std::string> socket_domain;
    Said<std::string> bind_interface;
    Said<std::string> mount_point;
    Said<std::int64_t> max_connections;
    Said<std::int64_t> max_qos;
    Tls tls;
    Access access;
};

// A line that becomes no key, or not all of one.
struct Remark {
    Statement statement;
    std::string reason;
    bool is_warning = false;  // the user loses something or has to act
};

struct Broker {
    // The default listener is the one of the lines before the first `listener`. mosquitto opens it
    // beside the others once such a line changes something of it.
    Listener default_listener;
    bool default_is_wanted = false;
    Said<std::string> default_port;
    Said<std::string> default_host;
    std::vector<Listener> listeners;

    Said<bool> per_listener;
    Access access;  // of all listeners, where not per_listener

    Said<std::int64_t> max_inflight_messages;
    Said<std::int64_t> max_queued_messages;
    Said<std::int64_t> max_queued_bytes;
    Said<bool> queue_qos0_messages;
    Said<std::string> persistent_client_expiration;
    Said<std::int64_t> max_packet_size;
    Said<std::int64_t> message_size_limit;
    Said<std::int64_t> memory_limit;
    Said<bool> retain_available;
    Said<bool> persistence;
    Said<std::int64_t> sys_interval;

    std::vector<Said<std::string>> log_dests;
    std::vector<Said<std::string>> log_types;

    std::vector<Remark> remarks;

    // By file: the last listener that it has named. An included file begins with the default one
    // and leaves the one that is current in the file around it.
    std::map<std::string, std::size_t> current_listeners;

    [[nodiscard]] Listener& current(const Statement& statement);
    [[nodiscard]] Access& access_of(const Statement& statement);
};

}  // namespace godwit::mosquitto
