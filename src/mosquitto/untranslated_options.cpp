// What mosquitto has and Godwit has not, does by itself, or does in another way.
#include "option.hpp"

namespace godwit::mosquitto {
namespace {

struct Reason {
    std::string_view option;
    std::string_view text;
};

// Nothing is lost, or nothing that clients of MQTT 3.1.1 would notice.
constexpr Reason kNotes[] = {
    {"allow_duplicate_messages",
     "whose filters overlap gets one copy, at the highest QoS of those that match"},
    {"auth_plugin_deny_special_chars", "plugins of mosquitto cannot be loaded"},
    {"autosave_interval", "what is acknowledged is stored at once; see persistence.sync"},
    {"autosave_on_changes", "what is acknowledged is stored at once; see persistence.sync"},
    {"check_retain_source",
     "retained messages are published whoever sent them; who receives them "
     "is checked"},
    {"connection_messages", "connections are logged at the level info"},
    {"dhparamfile", "OpenSSL chooses the parameters of the key exchange"},
    {"log_facility", "the log goes to the facility daemon"},
    {"log_timestamp", "lines of the log always carry the time"},
    {"log_timestamp_format", "times are written as 2026-01-31T12:00:00.000Z"},
    {"max_topic_alias", "topic aliases belong to MQTT 5"},
    {"persistence_file", "stored state lies in the data directory, in another format"},
    {"pid_file", "none is written: the service manager knows the process"},
    {"retry_interval", "mosquitto ignores it; session.retry_interval would do it"},
    {"set_tcp_nodelay", "it is always set"},
    {"websockets_headers_size", "a request of a WebSocket may have 8 KiB"},
    {"websockets_log_level", "there is one level for all of the log"},
    {"include_dir", "its files are translated here too"},
};

// The user loses something, or has to do something.
constexpr Reason kWarnings[] = {
    {"allow_zero_length_clientid", "clients may always come without an id"},
    {"auto_id_prefix", "ids that the broker chooses have no prefix of your own"},
    {"clientid_prefixes", "clients may choose any id; acl.rules can name ids"},
    {"http_dir", "files are not served"},
    {"max_inflight_bytes",
     "messages in flight are counted, not their bytes; see "
     "session.max_inflight"},
    {"max_keepalive",
     "mosquitto tells only clients of MQTT 5; mqtt.max_keep_alive would cap "
     "that of all clients"},
    {"persistence_location",
     "the directory of Godwit is node.data_dir, which cannot read mosquitto.db: sessions and "
     "retained messages begin anew"},
    {"tls_engine", "keys in engines are not supported"},
    {"tls_engine_kpass_sha1", "keys in engines are not supported"},
    {"upgrade_outgoing_qos", "a message is never sent at a higher QoS than it was published at"},
    {"user", "Godwit does not change its user: start it as the one that it is to run as"},
    {"connection", "a bridge, a connection to another broker, has no equivalent yet"},
};

constexpr std::string_view kOfBridges[] = {
    "address",
    "addresses",
    "bridge_alpn",
    "bridge_attempt_unsubscribe",
    "bridge_bind_address",
    "bridge_cafile",
    "bridge_capath",
    "bridge_certfile",
    "bridge_identity",
    "bridge_insecure",
    "bridge_keyfile",
    "bridge_max_packet_size",
    "bridge_outgoing_retain",
    "bridge_protocol_version",
    "bridge_psk",
    "bridge_require_ocsp",
    "bridge_tls_version",
    "cleansession",
    "clientid",
    "idle_timeout",
    "keepalive_interval",
    "local_cleansession",
    "local_clientid",
    "local_password",
    "local_username",
    "notification_topic",
    "notifications",
    "notifications_local_only",
    "password",
    "remote_clientid",
    "remote_password",
    "remote_username",
    "restart_timeout",
    "round_robin",
    "start_type",
    "threshold",
    "topic",
    "try_private",
    "username",
};

// Whose value is what Godwit does anyway, so that nothing is lost.
bool is_what_happens_anyway(const Statement& statement) {
    if (statement.option == "allow_zero_length_clientid") return statement.value == "true";
    if (statement.option == "upgrade_outgoing_qos") return statement.value == "false";
    if (statement.option == "max_inflight_bytes") return statement.value == "0";
    if (statement.option == "max_keepalive") return statement.value == "65535";
    return false;
}

Option with_note(std::string_view name, std::string_view text) {
    return {name, [text](Broker& broker, const Statement& statement) {
                note(broker, statement, std::string(text));
                return std::string();
            }};
}

Option with_warning(std::string_view name, std::string_view text) {
    return {name, [text](Broker& broker, const Statement& statement) {
                const bool is_lost = !is_what_happens_anyway(statement);
                broker.remarks.push_back({statement, std::string(text), is_lost});
                return std::string();
            }};
}

}  // namespace

Options untranslated_options() {
    Options all;
    for (const auto& [option, text] : kNotes)
        all.push_back(with_note(option, text));
    for (const auto& [option, text] : kWarnings)
        all.push_back(with_warning(option, text));
    for (const std::string_view option : kOfBridges)
        all.push_back(with_note(option, "belongs to a bridge, which has no equivalent yet"));
    for (const std::string_view option : {"auth_opt_*", "plugin_opt_*"})
        all.push_back(with_note(option, "belongs to a plugin, which cannot be loaded"));
    return all;
}

}  // namespace godwit::mosquitto
