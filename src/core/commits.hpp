// The batch of writes that the store has not been asked to commit yet, and what is to happen once
// it has. Where the store keeps nothing, everything happens at once.
//
// QoS 1 is written settled-first: an entry sent to a connected client lingers here a little, since
// one that is acknowledged meanwhile is never written. How long, the clients decide: twice as long
// as the slowest of late took to acknowledge, within bounds.
#pragma once

#include <cstdint>
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

    // The same for what concerns this session alone: now, where nothing of it is kept.
    template <typename Action>
    void after(const Session& session, Action&& action) {
        if (context_.keeps(session)) {
            after(std::forward<Action>(action));
        } else {
            action();
        }
    }

    // The entry is to be written, unless it is settled by then: with this batch where something
    // else in it depends on that or nobody is there to settle it, else a little later.
    enum class When : std::uint8_t { with_this_batch, later };
    void write(const Session& session, const QueueEntry& entry, When when);
    // Puts the entry into the open batch, as it is now.
    void put(const Session& session, QueueEntry& entry);
    [[nodiscard]] bool is_committed(const QueueEntry& entry) const;
    // When an entry is queued, as it remembers it.
    [[nodiscard]] std::uint32_t timestamp() const;
    // A connected client has acknowledged the entry.
    void settled(const QueueEntry& entry);

    // Closes the batch if it is due. `written(session, entry)` is called for each entry of write()
    // that was handed to the store, before the commit.
    using Written = std::function<void(Session&, QueueEntry&)>;
    void end_turn(const Written& written);

    void on_commit(CommitId commit);

    [[nodiscard]] std::optional<SteadyTime> deadline() const;
    [[nodiscard]] bool idle() const {
        return actions_.empty() && unwritten_.empty() && lingering_.empty() && committing_.empty();
    }

private:
    static constexpr std::size_t kLingeringMax = 65'536;  // entries
    static constexpr Duration kLingerMax{50};
    static constexpr Duration kRemember{500};

    using Action = std::function<void()>;
    struct Unwritten {
        SessionHandle session;
        Sequence sequence;
    };
    struct Found {
        Session* session = nullptr;
        QueueEntry* entry = nullptr;
    };
    struct Lingering {
        Unwritten entry;
        SteadyTime since;
    };
    struct Committing {
        CommitId commit;
        std::uint32_t batch;
        std::vector<Action> actions;
    };

    [[nodiscard]] Duration linger() const;
    void forget_slowest();
    void end_linger();
    [[nodiscard]] Found find(const Unwritten& item);
    [[nodiscard]] bool close_batch(const Written& written);
    void hand_over(const Written& written);

    ShardContext& context_;
    std::vector<Action> actions_;  // of the open batch
    std::vector<Unwritten> unwritten_;
    std::deque<Lingering> lingering_;  // oldest first
    // What clients take to settle, at most: since forget_at_ was set, and in the time before.
    Duration slowest_{0};
    Duration slowest_before_{0};
    SteadyTime forget_at_{};
    bool urgent_ = false;
    std::uint32_t batch_ = 1;      // the open one...
    std::uint32_t committed_ = 0;  // ...and the last that is committed; both wrap
    std::deque<Committing> committing_;
};

}  // namespace godwit::core
