// When the messages were read that have entered outboxes since these were last written out: what
// becomes the latency of their deliveries. Messages of one turn have one time, so that a turn's
// deliveries are a number or two. One thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "godwit/core/histogram.hpp"
#include "godwit/core/time.hpp"

namespace godwit::core {

// Of a message that no client's PUBLISH brought just now: a will, or one that has waited.
inline constexpr SteadyTime kNotRead{};

class DeliveryTimes {
public:
    // As long as it lives, what is delivered was read then.
    class Source {
    public:
        Source(DeliveryTimes& times, SteadyTime read_at) : times_(times), outer_(times.current_) {
            times.current_ = times.run_of(read_at);
        }
        ~Source() { times_.current_ = outer_; }
        Source(const Source&) = delete;
        Source& operator=(const Source&) = delete;

    private:
        DeliveryTimes& times_;
        const std::size_t outer_;
    };

    void add() { ++runs_[current_].deliveries; }
    [[nodiscard]] SteadyTime read_at() const { return runs_[current_].read_at; }
    [[nodiscard]] bool empty() const {
        return std::all_of(runs_.begin() + 1, runs_.end(),
                           [](const Run& run) { return run.deliveries == 0; });
    }

    // All of them are written. REQUIRES: no Source lives.
    void written(SteadyTime at, Histogram& latency) {
        for (auto run = runs_.begin() + 1; run != runs_.end(); ++run) {
            if (run->deliveries != 0) latency.add(at - run->read_at, run->deliveries);
        }
        runs_.resize(1);
    }

private:
    struct Run {
        SteadyTime read_at = kNotRead;
        std::uint64_t deliveries = 0;
    };

    [[nodiscard]] std::size_t run_of(SteadyTime read_at) {
        if (read_at == kNotRead) return 0;
        const std::size_t last = runs_.size() - 1;
        if (runs_[last].read_at == read_at) return last;
        // One that brought nothing makes room, or turns without deliveries would pile up.
        if (last != 0 && last != current_ && runs_[last].deliveries == 0) {
            runs_[last].read_at = read_at;
            return last;
        }
        runs_.push_back({read_at, 0});
        return last + 1;
    }

    std::vector<Run> runs_{Run{}};  // the first is of those that were not read
    std::size_t current_ = 0;
};

}  // namespace godwit::core
