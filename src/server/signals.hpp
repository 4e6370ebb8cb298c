// The signals a daemon listens to, as a queue that its main thread reads.
#pragma once

#include <chrono>
#include <optional>

namespace godwit::server {

enum class Signal { stop, reload };  // SIGTERM or SIGINT; SIGHUP

// From here on the signals wait for next_signal() instead of ending the process, in this thread and
// all it starts; SIGPIPE is ignored.
void hold_signals();

// Nothing when none came in time.
[[nodiscard]] std::optional<Signal> next_signal(std::chrono::milliseconds timeout);

}  // namespace godwit::server
