// The broker of a simulation: the real shards on one thread, each with its turns, its timer, its
// store and its mail. Whoever calls a shard asks for the end of its turn afterwards. Its process
// may die and come back, and its disk may refuse to write for a while.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "godwit/core/shard.hpp"
#include "godwit/store/memory_store.hpp"
#include "godwit/store/volatile_store.hpp"
#include "plan.hpp"
#include "post.hpp"
#include "stage.hpp"

namespace godwit::simulation {

class Connection;

class Broker {
public:
    Broker(Stage& stage, const Plan& plan, core::Events& events);
    ~Broker();
    Broker(const Broker&) = delete;
    Broker& operator=(const Broker&) = delete;

    [[nodiscard]] std::size_t shards() const { return life_->nodes.size(); }
    [[nodiscard]] core::Shard& shard(core::ShardIndex index) { return *life_->nodes[index]->shard; }
    [[nodiscard]] core::ShardIndex home_of(std::string_view client_id) const {
        return core::home_shard(client_id, life_->commons);
    }
    [[nodiscard]] const Plan& plan() const { return plan_; }

    // The shard was called: its turn ends soon, together with whatever comes until then.
    void want_turn(core::ShardIndex index);
    // At the end of the turn.
    void flush_later(core::ShardIndex index, Connection& connection);

    // From now on the disk takes nothing for so long: commits wait, and are complete late and in
    // order. A fault that is an error is reported to the shards with the first commit that it
    // meets, and its end with the first that succeeds; one that is not is only slow.
    enum class Fault : std::uint8_t { slow, error };
    void begin_fault(Fault fault, Time lasts);
    [[nodiscard]] bool in_fault() const { return stage_.time() < fault_ends_; }
    [[nodiscard]] Time fault_ends() const { return fault_ends_; }  // of the last one
    // The shard was told that its store cannot write; since when that is so, or is not.
    [[nodiscard]] bool failing(core::ShardIndex index) const {
        return life_->nodes[index]->failing;
    }
    [[nodiscard]] Time failing_changed(core::ShardIndex index) const {
        return life_->nodes[index]->failing_changed;
    }

    // For so long the shards know that the process has no memory to spare.
    void squeeze(Time lasts);

    void stop();
    // The process dies, and what is not committed with it. REQUIRES: no connection refers to it.
    void crash();
    // Comes back, perhaps with another number of shards, with what the disk has.
    void restart();
    // What the last life left behind is placed.
    [[nodiscard]] bool ready() const;
    void open() { open_ = true; }
    [[nodiscard]] bool is_open() const { return open_; }  // for clients

    // Nothing is unanswered, uncommitted or in the mail.
    [[nodiscard]] bool at_rest() const;
    [[nodiscard]] std::string restless() const;  // what keeps it from that
    // Of this life.
    [[nodiscard]] std::uint64_t sum(const core::Counter core::Counters::*counter) const;
    // Of all lives.
    [[nodiscard]] std::uint64_t drops(core::DropReason reason) const;
    [[nodiscard]] const core::RetainedTree& retained() const { return life_->retained; }
    // What is committed; null where nothing is kept.
    [[nodiscard]] const store::MemoryDisk* disk() const { return plan_.durable ? &disk_ : nullptr; }

private:
    struct Node {
        std::unique_ptr<store::MemoryStore> memory;  // or null
        store::VolatileStore none;
        std::unique_ptr<core::Shard> shard;
        std::vector<Connection*> to_flush;
        bool turn_wanted = false;
        std::size_t commits_scheduled = 0;
        std::size_t untold = 0;   // commits and changes of the store that it does not know of yet
        bool failing = false;     // what it was told of its store...
        Time failing_changed{0};  // ...at that time
        Time last_commit{0};
        Time last_told{0};
        std::size_t reads_scheduled = 0;
        std::optional<Time> wakes;  // the earliest timer that is set
    };
    struct Everybody final : core::AccessPolicy {
        [[nodiscard]] bool restricts() const override { return false; }
        [[nodiscard]] bool may_publish(const Client&, std::string_view) const override {
            return true;
        }
        [[nodiscard]] bool may_receive(const Client&, std::string_view) const override {
            return true;
        }
        [[nodiscard]] Scope may_subscribe(const Client&, std::string_view) const override {
            return Scope::all;
        }
        [[nodiscard]] std::string receive_rule(const Client&, std::string_view) const override {
            return {};
        }
    };
    // All that a process has in memory.
    struct Life {
        Life(Broker& broker, std::size_t shards);

        core::Reclaimer reclaimer;
        core::RetainedTree retained;
        core::Router router;
        const core::Commons commons;
        Post post;
        std::vector<std::unique_ptr<Node>> nodes;
        bool failing = false;   // the last commit that was tried failed
        bool squeezed = false;  // the shards were told so
    };

    // An event that is nothing to a later life.
    template <typename Event>
    void at(Time time, Event event) {
        stage_.at(time, [this, life = lives_, event] {
            if (life == lives_) event();
        });
    }
    void end_turn(core::ShardIndex index);
    void schedule_commits(core::ShardIndex index);
    void schedule_reads(core::ShardIndex index);
    void try_commit(core::ShardIndex index);
    void set_failing(bool failing);
    void set_squeezed(bool squeezed);
    template <typename What>
    void tell(core::ShardIndex index, What what);
    void schedule_wake(core::ShardIndex index);

    Stage& stage_;
    const Plan& plan_;
    core::Events& events_;
    const std::uint64_t secret_;
    Everybody access_;
    Chance chance_;
    store::MemoryDisk disk_;
    std::array<std::uint64_t, core::kDropReasons> past_drops_{};
    std::uint64_t lives_ = 0;
    bool open_ = true;
    Time fault_ends_{0};
    Fault fault_ = Fault::slow;
    std::unique_ptr<Life> life_;
};

}  // namespace godwit::simulation
