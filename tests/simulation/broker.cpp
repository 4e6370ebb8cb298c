#include "broker.hpp"

#include <algorithm>
#include <utility>

#include "connection.hpp"

namespace godwit::simulation {

namespace {

constexpr Time kTurn{200};               // how long a turn takes, mostly less
constexpr std::size_t kCollectMax = 64;  // objects freed in a turn

}  // namespace

Broker::Broker(Stage& stage, const Plan& plan, core::Events& events)
    : stage_(stage),
      plan_(plan),
      reclaimer_(plan.shards),
      retained_(reclaimer_, stage.chance.next()),
      router_(reclaimer_, stage.chance.next()),
      commons_{plan.shards, stage.chance.next(), plan.settings, router_,
               retained_,   reclaimer_,          events,        access_},
      chance_(stage.chance.next()),
      post_(stage, plan.shards, plan.mail_delay, plan.inbox_credit,
            {[this](core::ShardIndex to, core::ShardIndex from, core::Mail mail) {
                 shard(to).on_mail(from, std::move(mail), stage_.now());
                 want_turn(to);
             },
             [this](core::ShardIndex to) {
                 shard(to).on_credit(stage_.now());
                 want_turn(to);
             }}) {
    for (std::size_t i = 0; i < plan.shards; ++i) {
        const auto index = static_cast<core::ShardIndex>(i);
        nodes_.push_back(std::make_unique<Node>());
        Node& node = *nodes_.back();
        if (plan.durable) node.memory = std::make_unique<store::MemoryStore>(disk_, plan.linger);
        core::Store& store = plan.durable ? static_cast<core::Store&>(*node.memory) : node.none;
        node.shard =
            std::make_unique<core::Shard>(index, commons_, store, post_.mailer(index), chance_);
        reclaimer_.wake(index);
    }
}

void Broker::want_turn(core::ShardIndex index) {
    Node& node = *nodes_[index];
    if (std::exchange(node.turn_wanted, true)) return;
    stage_.after(stage_.chance.delay(kTurn), [this, index] { end_turn(index); });
}

void Broker::flush_later(core::ShardIndex index, Connection& connection) {
    nodes_[index]->to_flush.push_back(&connection);
}

// In the order of a network loop: timers, mail and commits, then the sockets.
void Broker::end_turn(core::ShardIndex index) {
    Node& node = *nodes_[index];
    node.turn_wanted = false;
    const core::Now now = stage_.now();
    const auto due = node.shard->next_deadline();
    if (due && *due <= now.steady) node.shard->tick(now);
    node.shard->end_turn(now);
    schedule_commits(index);
    for (Connection* connection : std::exchange(node.to_flush, {}))
        connection->flush();
    reclaimer_.end_turn(index);
    reclaimer_.collect(kCollectMax);
    schedule_wake(index);
}

void Broker::schedule_commits(core::ShardIndex index) {
    Node& node = *nodes_[index];
    if (node.memory == nullptr) return;
    while (node.commits_scheduled < node.memory->committing()) {
        ++node.commits_scheduled;
        node.last_commit =
            std::max(node.last_commit, stage_.time() + stage_.chance.delay(plan_.commit_delay));
        stage_.at(node.last_commit, [this, index] {
            Node& committed = *nodes_[index];
            --committed.commits_scheduled;
            const core::CommitId commit = committed.memory->complete();
            stage_.say("commit ", commit, " of shard ", index);
            committed.shard->on_commit(commit, stage_.now());
            want_turn(index);
        });
    }
}

void Broker::schedule_wake(core::ShardIndex index) {
    Node& node = *nodes_[index];
    const auto deadline = node.shard->next_deadline();
    if (!deadline) return;
    const auto ahead = std::chrono::ceil<Time>(*deadline - stage_.now().steady);
    const Time when = stage_.time() + std::max(ahead, Time{1});
    if (node.wakes && *node.wakes <= when) return;
    node.wakes = when;
    stage_.at(when, [this, index, when] {
        Node& woken = *nodes_[index];
        if (woken.wakes != when) return;  // an earlier one was set after it
        woken.wakes.reset();
        end_turn(index);
    });
}

void Broker::stop() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        nodes_[i]->shard->stop(stage_.now());
        want_turn(static_cast<core::ShardIndex>(i));
    }
}

bool Broker::at_rest() const {
    return post_.empty() && std::all_of(nodes_.begin(), nodes_.end(), [](const auto& node) {
               return !node->turn_wanted && node->commits_scheduled == 0 && node->shard->settled();
           });
}

std::uint64_t Broker::sum(const core::Counter core::Counters::*counter) const {
    std::uint64_t sum = 0;
    for (const auto& node : nodes_)
        sum += (node->shard->counters().*counter).get();
    return sum;
}

std::uint64_t Broker::drops(core::DropReason reason) const {
    std::uint64_t sum = 0;
    for (const auto& node : nodes_) {
        sum += node->shard->counters().messages_dropped[static_cast<std::size_t>(reason)].get();
    }
    return sum;
}

}  // namespace godwit::simulation
