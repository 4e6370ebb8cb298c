// How many TLS handshakes a loop works on at once, and for how long in one turn: a handshake takes
// memory and much of a core, and those who are through with theirs are to be served meanwhile. One
// for each loop, on its thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>

namespace godwit::net {

class Handshakes {
public:
    // Somebody with a handshake to do.
    class Waiter {
    public:
        virtual ~Waiter() = default;
        // There is room now: begin() has succeeded meanwhile.
        virtual void on_room() = 0;

    private:
        friend class Handshakes;
        enum class State : std::uint8_t { outside, waiting, inside };
        State state_ = State::outside;
        std::uint64_t ticket_ = 0;
    };

    // At most `max` at a time. In each turn steps begin until they have taken `turn`.
    Handshakes(std::size_t max, std::chrono::steady_clock::duration turn)
        : max_(max), turn_(turn) {}

    // True: it may begin, and has to call end(). False: it is called in its turn, or calls end()
    // when it gives up.
    [[nodiscard]] bool begin(Waiter& waiter);
    // Done, or given up; the next one begins. May be called by whoever has not begun, or again.
    void end(Waiter& waiter);

    void begin_turn() { spent_ = {}; }
    // Takes one step, unless this turn's time has been used.
    template <typename Step>
    void run(Step step) {
        if (spent_ != Duration{} && spent_ >= turn_) return;
        const auto begin = std::chrono::steady_clock::now();
        step();
        // Never nothing, so that the clock's grain does not matter.
        spent_ += std::chrono::steady_clock::now() - begin + Duration{1};
    }

    [[nodiscard]] std::size_t under_way() const { return inside_; }
    [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

private:
    using Duration = std::chrono::steady_clock::duration;

    const std::size_t max_;
    const Duration turn_;
    Duration spent_{};
    std::size_t inside_ = 0;
    std::map<std::uint64_t, Waiter*> waiting_;  // first come, first served
    std::uint64_t tickets_ = 0;
};

}  // namespace godwit::net
