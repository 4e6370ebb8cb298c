// When the messages were read that have entered outboxes since these were last written out: what
// becomes the latency of their deliveries. Messages of one turn have one time, so that a turn's
// deliveries are a number or two. One thread.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "godwit/core/histogram.hpp"
#include "godwit/core/time.hpp"

namespace godwit::core {

// Of a message that no client's PUBLISH brought just now: a will, or one that has waited.
inline constexpr SteadyTime kNotRead{};

class DeliveryTimes {
public:
    void add(SteadyTime read_at) {
        if (read_at != last_.read_at) begin(read_at);
        ++last_.deliveries;
    }
    [[nodiscard]] bool empty() const { return last_.deliveries == 0; }

    // All of them are written.
    void written(SteadyTime at, Histogram& latency) {
        for (const Run& run : earlier_)
            record(run, at, latency);
        record(last_, at, latency);
        earlier_.clear();
        last_ = {};
    }

private:
    struct Run {
        SteadyTime read_at = kNotRead;
        std::uint64_t deliveries = 0;
    };

    void begin(SteadyTime read_at) {
        if (last_.deliveries != 0) earlier_.push_back(last_);
        last_ = {read_at, 0};
    }
    static void record(const Run& run, SteadyTime at, Histogram& latency) {
        if (run.read_at != kNotRead) latency.add(at - run.read_at, run.deliveries);
    }

    Run last_;
    std::vector<Run> earlier_;
};

}  // namespace godwit::core
