#include "stage.hpp"

#include <cstdio>
#include <utility>

namespace godwit::simulation {

void Trace::line(Time now, std::string_view text) {
    char stamp[32];
    std::snprintf(stamp, sizeof stamp, "%12.6f  ", static_cast<double>(now.count()) / 1e6);
    std::string line = stamp;
    line += text;
    for (const char c : line)
        hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100'0000'01B3;
    ++lines_;
    if (print_ == Print::everything) std::puts(line.c_str());
    if (last_.size() == kKept) last_.pop_front();
    last_.push_back(std::move(line));
}

core::Now Stage::now() const {
    const auto since_start = time_ + std::chrono::hours{1};
    const auto wall = since_start + std::chrono::hours{24 * 365 * 55} + wall_offset_;
    return {core::SteadyTime(since_start), core::WallTime(wall)};
}

void Stage::at(Time time, std::function<void()> event) {
    queue_.push({std::max(time, time_), ++events_, std::move(event)});
}

bool Stage::step() {
    if (queue_.empty()) return false;
    Event event = queue_.top();
    queue_.pop();
    time_ = event.time;
    ++steps_;
    event.run();
    return true;
}

}  // namespace godwit::simulation
