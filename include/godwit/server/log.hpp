// The log: one line an event, to all configured outputs. Callers hand a line to a queue and go on;
// a thread of the log's own writes, so that a slow terminal or disk delays no client. When the
// queue is full its oldest lines give way, and a later line says how many. Any thread may write.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <variant>

#include "godwit/config/config.hpp"
#include "godwit/core/events.hpp"

namespace godwit::server {

// An output cannot be opened; the text names it and the reason.
class LogError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

// A text that a user chose: quoted in every line, escaped and cut to a readable length.
struct Quoted {
    std::string_view text;
};

// What a line says beside its message: `name=value`, or a member of its own in JSON. Other texts
// than Quoted are quoted only where they are not one plain word. Without a value it is left out.
struct LogField {
    std::string_view name;
    std::variant<std::monostate, Quoted, std::string_view, std::uint64_t, bool> value;
};

using LogFields = std::initializer_list<LogField>;

class Log {
public:
    // Throws LogError.
    explicit Log(const config::LogSettings& settings);
    // What was written before is in the outputs afterwards.
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    [[nodiscard]] bool is_enabled(config::LogLevel level) const;
    void set_level(config::LogLevel level);

    // Gets each line, as the outputs have it, on the log's own thread; replaces an earlier one.
    // After an empty one was set, no call runs.
    void watch(std::function<void(std::string_view line)> watcher);

    void write(config::LogLevel level, std::string_view message, LogFields fields = {});

    void debug(std::string_view message, LogFields fields = {}) {
        write(config::LogLevel::debug, message, fields);
    }
    void info(std::string_view message, LogFields fields = {}) {
        write(config::LogLevel::info, message, fields);
    }
    void warning(std::string_view message, LogFields fields = {}) {
        write(config::LogLevel::warning, message, fields);
    }
    void error(std::string_view message, LogFields fields = {}) {
        write(config::LogLevel::error, message, fields);
    }

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

// The core's events as lines of the log.
class LogEvents final : public core::Events {
public:
    // The log outlives it.
    explicit LogEvents(Log& log) : log_(log) {}

    void client_connected(const core::Arrival& arrival, bool session_present) override;
    void client_disconnected(std::string_view client_id, std::string_view address,
                             core::CloseReason reason, std::string_view detail) override;
    void connection_refused(std::string_view client_id, std::string_view address,
                            core::CloseReason reason, std::string_view detail) override;
    void takeovers_refused(std::string_view client_id, std::string_view holder_address,
                           std::string_view newcomer_address) override;
    void session_expired(std::string_view client_id) override;
    void messages_dropped(std::string_view client_id, core::DropReason reason,
                          std::uint64_t count) override;

private:
    Log& log_;
};

}  // namespace godwit::server
