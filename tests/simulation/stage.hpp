// What everything in a simulation stands on: one queue of events in the order of their time, one
// trace with a line for each, and chance.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <queue>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "chance.hpp"
#include "godwit/core/time.hpp"

namespace godwit::simulation {

// A promise was broken; the text says which.
class Broken : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Numbers and texts joined into one line.
template <typename... Parts>
[[nodiscard]] std::string cat(const Parts&... parts) {
    std::string text;
    const auto add = [&text](const auto& part) {
        if constexpr (std::is_convertible_v<decltype(part), std::string_view>) {
            text += std::string_view(part);
        } else {
            text += std::to_string(part);
        }
    };
    (add(parts), ...);
    return text;
}

// Hashes every line and keeps the last ones for whoever reads of a failure.
class Trace {
public:
    enum class Print { nothing, everything };

    explicit Trace(Print print) : print_(print) {}

    void line(Time now, std::string_view text);
    [[nodiscard]] std::uint64_t hash() const { return hash_; }
    [[nodiscard]] std::uint64_t lines() const { return lines_; }
    [[nodiscard]] const std::deque<std::string>& last() const { return last_; }

private:
    static constexpr std::size_t kKept = 60;  // lines

    Print print_;
    std::uint64_t hash_ = 0xCBF2'9CE4'8422'2325;
    std::uint64_t lines_ = 0;
    std::deque<std::string> last_;
};

class Stage {
public:
    Stage(std::uint64_t seed, Trace& trace) : chance(seed), trace_(trace) {}

    Chance chance;

    [[nodiscard]] Time time() const { return time_; }
    // Both clocks of the broker.
    [[nodiscard]] core::Now now() const;
    void jump_wall_clock(std::chrono::seconds by) { wall_offset_ += by; }

    void at(Time time, std::function<void()> event);
    void after(Time delay, std::function<void()> event) { at(time_ + delay, std::move(event)); }
    // Runs the next event; false when there is none.
    bool step();
    [[nodiscard]] std::uint64_t steps() const { return steps_; }

    template <typename... Parts>
    void say(const Parts&... parts) {
        trace_.line(time_, cat(parts...));
    }

private:
    struct Event {
        Time time;
        std::uint64_t number;
        std::function<void()> run;
        friend bool operator<(const Event& a, const Event& b) {  // The earliest on top.
            return a.time != b.time ? a.time > b.time : a.number > b.number;
        }
    };

    Trace& trace_;
    Time time_{0};
    std::chrono::seconds wall_offset_{0};
    std::uint64_t events_ = 0;
    std::uint64_t steps_ = 0;
    std::priority_queue<Event> queue_;
};

}  // namespace godwit::simulation
