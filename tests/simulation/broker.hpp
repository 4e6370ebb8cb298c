// The broker of a simulation: the real shards on one thread, each with its turns, its timer, its
// store and its mail. Whoever calls a shard asks for the end of its turn afterwards.
#pragma once

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
    Broker(const Broker&) = delete;
    Broker& operator=(const Broker&) = delete;

    [[nodiscard]] std::size_t shards() const { return nodes_.size(); }
    [[nodiscard]] core::Shard& shard(core::ShardIndex index) { return *nodes_[index]->shard; }
    [[nodiscard]] core::ShardIndex home_of(std::string_view client_id) const {
        return core::home_shard(client_id, commons_);
    }
    [[nodiscard]] const Plan& plan() const { return plan_; }

    // The shard was called: its turn ends soon, together with whatever comes until then.
    void want_turn(core::ShardIndex index);
    // At the end of the turn.
    void flush_later(core::ShardIndex index, Connection& connection);

    void stop();
    // Nothing is unanswered, uncommitted or in the mail.
    [[nodiscard]] bool at_rest() const;
    [[nodiscard]] std::uint64_t sum(const core::Counter core::Counters::*counter) const;
    [[nodiscard]] std::uint64_t drops(core::DropReason reason) const;
    [[nodiscard]] const core::RetainedTree& retained() const { return retained_; }
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
        Time last_commit{0};
        std::optional<Time> wakes;  // the earliest timer that is set
    };

    void end_turn(core::ShardIndex index);
    void schedule_commits(core::ShardIndex index);
    void schedule_wake(core::ShardIndex index);

    Stage& stage_;
    const Plan& plan_;
    core::Reclaimer reclaimer_;
    core::RetainedTree retained_;
    core::Router router_;
    struct Everybody final : core::AccessPolicy {
        [[nodiscard]] bool restricts() const override { return false; }
        [[nodiscard]] bool may_publish(const Client&, std::string_view) override { return true; }
        [[nodiscard]] bool may_subscribe(const Client&, std::string_view) override { return true; }
    } access_;
    const core::Commons commons_;
    Chance chance_;
    store::MemoryDisk disk_;
    Post post_;
    std::vector<std::unique_ptr<Node>> nodes_;
};

}  // namespace godwit::simulation
