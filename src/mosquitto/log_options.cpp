// Where the log goes, and what is in it.
#include <algorithm>

#include "option.hpp"

namespace godwit::mosquitto {
namespace {

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::string add_destination(Broker& broker, const Statement& statement) {
    const std::string& value = statement.value;
    const bool is_file = value.starts_with("file ");
    if (value == "topic" || value == "dlt") {
        warn(broker, statement,
             value == "topic" ? "the log is not published to topics; the HTTP interface streams it"
                              : "there is no output to DLT");
    } else if (value == "stdout") {
        note(broker, statement, "the log goes to stderr instead");
    } else if (is_file) {
        warn(broker, statement, "the user that Godwit runs as has to be able to write this file");
    } else if (!is_one_of(value, {"stderr", "syslog", "none"})) {
        return "stdout, stderr, syslog, topic, file PATH, dlt or none";
    }
    broker.log_dests.push_back({value, origin_of(statement)});
    return {};
}

std::string add_type(Broker& broker, const Statement& statement) {
    if (!is_one_of(statement.value, {"debug", "error", "warning", "notice", "information",
                                     "subscribe", "unsubscribe", "websockets", "none", "all"})) {
        return "a type of message";
    }
    if (is_one_of(statement.value, {"subscribe", "unsubscribe", "websockets"}))
        note(broker, statement, "there are levels, which contain each other, and no such type");
    broker.log_types.push_back({statement.value, origin_of(statement)});
    return {};
}

}  // namespace

Options log_options() {
    return {{"log_dest", add_destination}, {"log_type", add_type}};
}

}  // namespace godwit::mosquitto
