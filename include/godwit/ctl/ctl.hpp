// `godwit ctl`: asks a running broker through its HTTP interface and prints what it says, as tables
// for people or as JSON for scripts. One thread; calls block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

namespace godwit::ctl {

enum class Task : std::uint8_t {
    stats,
    clients,
    client,
    kick,
    subscriptions,
    retained,
    retained_get,
    retained_delete,
    shared,
    publish,
    explain,
    reload,
    health,
    cluster,
};

// What the user wants. A task reads what it needs and leaves the rest.
struct Request {
    Task task = Task::stats;
    bool json = false;
    bool watch = false;  // stats, once a second until the broker or the user ends it
    std::string query;   // part of a client id, user name or address
    std::optional<bool> connected;
    std::string client_id;
    bool with_session = false;
    std::string filter = "#";
    std::string topic;
    std::optional<std::string> payload;  // `-`: what the standard input says
    int qos = 0;
    bool retain = false;
};

// Where the broker is, and what opens its door.
struct Target {
    std::string url;          // http://HOST:PORT or https://...
    std::string token;        // empty: none, which is enough for health
    std::string token_from;   // where the token came from, for whom it does not work
    std::string certificate;  // the broker's own, in PEM; empty: one that the system trusts
};

// What is printed on.
struct Screen {
    std::ostream& out;
    bool is_terminal = false;  // tables are cut to the width and have headings in bold
    std::size_t width = 80;    // characters
};

// The standard output of this process.
[[nodiscard]] Screen standard_output();

// Returns the exit code: 0, or 1 with one line on `errors` that says what to do.
[[nodiscard]] int run(const Request& request, const Target& target, const Screen& screen,
                      std::ostream& errors);

}  // namespace godwit::ctl
