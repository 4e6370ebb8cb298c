// The batch of writes that the store has not been asked to commit yet, and what is to happen once
// it has. Where the store keeps nothing, everything happens at once.
//
// QoS 1 is written settled-first: an entry sent to a connected client is only noted here, and a
// batch of nothing but such entries lingers a little, since an entry that is acknowledged before
// the batch leaves is never written.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "context.hpp"

namespace godwit::core {

class Commits {
public:
    explicit Commits(ShardContext& context) : context_(context) {}

    // Runs `action` when all that was written so far is committed: now, where nothing is kept.
    template <typename Action>
    void after(Action&& action) {
        if (!context_.durable) {
            action();
            return;
        }
        actions_.emplace_back(std::forward<Action>(action));
        urgent_ = true;
    }

    // The entry is to be written with the next batch, unless it is settled by then.
    // `urgent`: no linger, nobody is there to settle it.
    void write_later(const Session& session, Sequence sequence, bool urgent);

    // Closes the batch if it is due. `written(session, entry)` is called for each entry of
    // write_later() that was handed to the store, before the commit.
    using Written = std::function<void(Session&, QueueEntry&)>;
    void end_turn(const Written& written);

    void on_commit(CommitId commit);

    [[nodiscard]] std::optional<SteadyTime> deadline() const;
    [[nodiscard]] bool idle() const {
        return actions_.empty() && unwritten_.empty() && committing_.empty();
    }

private:
    static constexpr std::size_t kLingerEntriesMax = 4096;

    using Action = std::function<void()>;
    struct Unwritten {
        SessionHandle session;
        Sequence sequence;
    };
    struct Committing {
        CommitId commit;
        std::vector<Action> actions;
    };

    [[nodiscard]] bool close_batch(const Written& written);
    void write(const Written& written);

    ShardContext& context_;
    std::vector<Action> actions_;  // of the open batch
    std::vector<Unwritten> unwritten_;
    bool urgent_ = false;
    SteadyTime lingers_since_{};
    std::deque<Committing> committing_;
};

}  // namespace godwit::core
