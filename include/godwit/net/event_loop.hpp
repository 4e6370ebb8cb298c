// A loop over descriptors, deadlines and posted work; one thread runs it. It goes in turns: wait,
// call whatever has become due, then let its owner finish the turn. Clocks are read once a turn.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "godwit/core/time.hpp"

namespace godwit::net {

class Watched;

class EventLoop {
public:
    // Its owner's part in each turn. Called on the loop's thread.
    class Turn {
    public:
        // Before anything is called.
        virtual void begin() = 0;
        // After all that was due was called. Returns when the next turn is to come even if nothing
        // happens; a time that has passed: at once.
        [[nodiscard]] virtual std::optional<core::SteadyTime> end(const core::Now& now) = 0;
        // Before a wait that may be long.
        virtual void sleep() = 0;

    protected:
        ~Turn() = default;
    };

    // Its wall clock is that of `start`, carried on by the steady clock: whoever sets the system's
    // clock expires nothing at once and keeps nothing for ever.
    explicit EventLoop(const core::Now& start);
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    // Runs turns until one has seen stop().
    void run(Turn& turn);
    void stop();  // any thread
    // Destroys the work that nobody will call any more. REQUIRES: no thread runs the loop.
    void drop_posts();

    // Calls `function`, which may be move-only, on the loop's thread in a later turn; first posted,
    // first called. Any thread; many posts between two turns cost one wake-up.
    template <typename Function>
    void post(Function function) {
        post_task(std::make_unique<TaskOf<Function>>(std::move(function)));
    }

    // The rest is for the loop's thread, or for any before run().

    [[nodiscard]] const core::Now& now() const;  // of this turn

    enum class Interest { read, write, both };
    // Calls Watched::on_ready() every turn while the descriptor is ready for what is wanted, has
    // failed or is at its end. One Watched has one descriptor.
    void watch(int descriptor, Watched& watched, Interest interest);
    void change(int descriptor, Watched& watched, Interest interest);
    void unwatch(int descriptor, Watched& watched);
    // For a descriptor that is being closed: neither it nor a deadline calls again.
    void forget(Watched& watched);

    // Calls Watched::on_timer() once at the deadline; replaces an earlier one.
    void set_timer(Watched& watched, core::SteadyTime deadline);

private:
    struct Task {
        virtual ~Task() = default;
        virtual void run() = 0;
    };
    template <typename Function>
    struct TaskOf final : Task {
        explicit TaskOf(Function f) : function(std::move(f)) {}
        void run() override { function(); }
        Function function;
    };
    void post_task(std::unique_ptr<Task> task);

    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace godwit::net
