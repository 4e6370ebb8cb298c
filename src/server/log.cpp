#include "godwit/server/log.hpp"

#include <signal.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/syslog_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cstddef>
#include <string>
#include <vector>

#include "godwit/core/mutex.hpp"
#include "log_line.hpp"

namespace godwit::server {
namespace {

using config::LogFormat;
using config::LogLevel;
using config::LogOutput;

constexpr std::size_t kQueueLines = 8192;

constexpr auto kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
constexpr auto kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
        case LogLevel::trace: return spdlog::level::trace;
        case LogLevel::debug: return spdlog::level::debug;
        case LogLevel::info: return spdlog::level::info;
        case LogLevel::warning: return spdlog::level::warn;
        case LogLevel::error: break;
    }
    return spdlog::level::err;
}

// One thread writes, so no output needs a lock.
spdlog::sink_ptr open_output(const LogOutput& output, LogFormat format) {
    switch (output.kind) {
        case LogOutput::Kind::standard_error:
            return std::make_shared<spdlog::sinks::stderr_sink_st>();
        case LogOutput::Kind::syslog:
            // The system's log adds time and level to a plain text by itself.
            return std::make_shared<spdlog::sinks::syslog_sink_st>("godwit", LOG_PID, LOG_DAEMON,
                                                                   format == LogFormat::json);
        case LogOutput::Kind::file: break;
    }
    return std::make_shared<spdlog::sinks::rotating_file_sink_st>(output.file, output.max_size,
                                                                  output.max_files);
}

std::vector<spdlog::sink_ptr> open_outputs(const config::LogSettings& settings,
                                           spdlog::sink_ptr watched) {
    const bool is_json = settings.format == LogFormat::json;
    std::vector<spdlog::sink_ptr> outputs;
    for (const LogOutput& output : settings.outputs) {
        const bool is_syslog = output.kind == LogOutput::Kind::syslog;
        try {
            outputs.push_back(open_output(output, settings.format));
        } catch (const spdlog::spdlog_ex& error) {
            throw LogError(std::string("log.outputs: ") + error.what());
        }
        outputs.back()->set_formatter(std::make_unique<spdlog::pattern_formatter>(
            is_json ? kJsonPattern : kTextPattern, spdlog::pattern_time_type::utc,
            is_syslog ? "" : "\n"));
    }
    outputs.push_back(std::move(watched));
    return outputs;
}

// The output of whoever watches the log, if anybody does.
class WatchedLines final : public spdlog::sinks::sink {
public:
    explicit WatchedLines(LogFormat format)
        : formatter_(format == LogFormat::json ? kJsonPattern : kTextPattern,
                     spdlog::pattern_time_type::utc, "") {}

    void watch(std::function<void(std::string_view)> watcher) {
        const core::MutexLock lock(mutex_);
        watcher_ = std::move(watcher);
    }

    void log(const spdlog::details::log_msg& message) override {
        const core::MutexLock lock(mutex_);
        if (!watcher_) return;
        spdlog::memory_buf_t line;
        formatter_.format(message, line);
        watcher_({line.data(), line.size()});
    }

    // One that others set is for outputs.
    void flush() override {}
    void set_pattern(const std::string& /*pattern*/) override {}
    void set_formatter(std::unique_ptr<spdlog::formatter> /*formatter*/) override {}

private:
    core::Mutex mutex_;
    spdlog::pattern_formatter formatter_ GODWIT_GUARDED_BY(mutex_);
    std::function<void(std::string_view)> watcher_ GODWIT_GUARDED_BY(mutex_);
};

// Signals are for the threads that wait for them.
void block_signals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

class Log::Impl {
public:
    explicit Impl(const config::LogSettings& settings)
        : format_(settings.format),
          watched_(std::make_shared<WatchedLines>(settings.format)),
          outputs_(open_outputs(settings, watched_)) {
        logger_->set_level(to_spdlog(settings.level));
        logger_->flush_on(spdlog::level::trace);
    }

    ~Impl() { report_lost_lines(); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    [[nodiscard]] bool is_enabled(LogLevel level) const {
        return logger_->should_log(to_spdlog(level));
    }

    void set_level(LogLevel level) { logger_->set_level(to_spdlog(level)); }

    void watch(std::function<void(std::string_view)> watcher) {
        watched_->watch(std::move(watcher));
    }

    void write(LogLevel level, std::string_view message, LogFields fields) {
        push(level, message, fields);
        // Not before there is room, so that the report does not add to the crush.
        if (thread_->queue_size() < kQueueLines / 2) report_lost_lines();
    }

private:
    void report_lost_lines() {
        const std::size_t lost = thread_->overrun_counter();
        std::size_t reported = lost_reported_.load();
        if (lost <= reported || !lost_reported_.compare_exchange_strong(reported, lost)) return;
        push(LogLevel::warning, "log lines lost", {{"count", lost - reported}});
    }

    void push(LogLevel level, std::string_view message, LogFields fields) {
        const std::string line =
            format_ == LogFormat::json ? json_members(message, fields) : text_line(message, fields);
        logger_->log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
    }

    const LogFormat format_;
    const std::shared_ptr<WatchedLines> watched_;
    const std::vector<spdlog::sink_ptr> outputs_;
    // Ends, when it is destroyed, after the last line has been written.
    std::shared_ptr<spdlog::details::thread_pool> thread_ =
        std::make_shared<spdlog::details::thread_pool>(kQueueLines, 1, block_signals);
    std::shared_ptr<spdlog::async_logger> logger_ =
        std::make_shared<spdlog::async_logger>("godwit", outputs_.begin(), outputs_.end(), thread_,
                                               spdlog::async_overflow_policy::overrun_oldest);
    std::atomic<std::size_t> lost_reported_{0};
};

Log::Log(const config::LogSettings& settings) : impl_(std::make_unique<Impl>(settings)) {}

Log::~Log() = default;

bool Log::is_enabled(LogLevel level) const {
    return impl_->is_enabled(level);
}

void Log::set_level(LogLevel level) {
    impl_->set_level(level);
}

void Log::watch(std::function<void(std::string_view line)> watcher) {
    impl_->watch(std::move(watcher));
}

void Log::write(LogLevel level, std::string_view message, LogFields fields) {
    if (impl_->is_enabled(level)) impl_->write(level, message, fields);
}

}  // namespace godwit::server
