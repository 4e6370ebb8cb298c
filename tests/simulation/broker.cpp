#include "broker.hpp"

#include <algorithm>
#include <utility>

#include "connection.hpp"
#include "godwit/core/restart.hpp"

namespace godwit::simulation {

namespace {

constexpr Time kTurn{200};               // how long a turn takes, mostly less
constexpr std::size_t kCollectMax = 64;  // objects freed in a turn
constexpr Time kRetry{100'000};          // how soon a commit that failed is tried again

}  // namespace

Broker::Life::Life(Broker& broker, std::size_t shards)
    : reclaimer(shards),
      retained(reclaimer, broker.secret_),
      router(reclaimer, broker.secret_),
      commons{shards,   broker.secret_, broker.plan_.settings, router,
              retained, reclaimer,      broker.events_,        broker.access_},
      post(broker.stage_,
           [&broker](Time time, const std::function<void()>& event) { broker.at(time, event); },
           shards, broker.plan_.mail_delay, broker.plan_.inbox_credit,
           {[&broker](core::ShardIndex to, core::ShardIndex from, core::Mail mail) {
                broker.shard(to).on_mail(from, std::move(mail), broker.stage_.now());
                broker.want_turn(to);
            },
            [&broker](core::ShardIndex to) {
                broker.shard(to).on_credit(broker.stage_.now());
                broker.want_turn(to);
            }}) {
    for (std::size_t i = 0; i < shards; ++i) {
        const auto index = static_cast<core::ShardIndex>(i);
        nodes.push_back(std::make_unique<Node>());
        Node& node = *nodes.back();
        node.failing_changed = broker.stage_.time();
        if (broker.plan_.durable) {
            node.memory = std::make_unique<store::MemoryStore>(broker.disk_, broker.plan_.linger);
        }
        core::Store& store = node.memory ? static_cast<core::Store&>(*node.memory) : node.none;
        node.shard = std::make_unique<core::Shard>(index, commons, store, post.mailer(index),
                                                   broker.chance_);
        reclaimer.wake(index);
    }
}

Broker::Broker(Stage& stage, const Plan& plan, core::Events& events)
    : stage_(stage),
      plan_(plan),
      events_(events),
      secret_(stage.chance.next()),
      chance_(stage.chance.next()) {
    disk_.queue_window = plan.queue_window;
    life_ = std::make_unique<Life>(*this, plan.shards);
}

Broker::~Broker() = default;

void Broker::crash() {
    for (std::size_t i = 0; i < past_drops_.size(); ++i)
        past_drops_[i] = drops(static_cast<core::DropReason>(i));
    ++lives_;
    life_.reset();
}

void Broker::restart() {
    const bool other = stage_.chance.percent(20);
    const std::size_t shards = other ? stage_.chance.between(1, 4) : plan_.shards;
    stage_.say("the broker restarts with ", shards, " shards");
    open_ = false;
    life_ = std::make_unique<Life>(*this, shards);
    core::Restart restart(life_->commons, disk_);
    restart.load_retained();
    for (const auto& node : life_->nodes)
        restart.load_sessions(*node->shard, stage_.now());
    restart.finish(shard(0), stage_.now());
    for (std::size_t i = 0; i < shards; ++i)
        want_turn(static_cast<core::ShardIndex>(i));
}

bool Broker::ready() const {
    return life_->post.empty() &&
           std::all_of(life_->nodes.begin(), life_->nodes.end(), [](const auto& node) {
               return !node->turn_wanted && node->shard->committed();
           });
}

void Broker::want_turn(core::ShardIndex index) {
    Node& node = *life_->nodes[index];
    if (std::exchange(node.turn_wanted, true)) return;
    at(stage_.time() + stage_.chance.delay(kTurn), [this, index] { end_turn(index); });
}

void Broker::flush_later(core::ShardIndex index, Connection& connection) {
    life_->nodes[index]->to_flush.push_back(&connection);
}

// In the order of a network loop: timers, mail and commits, then the sockets.
void Broker::end_turn(core::ShardIndex index) {
    Node& node = *life_->nodes[index];
    node.turn_wanted = false;
    const core::Now now = stage_.now();
    const auto due = node.shard->next_deadline();
    if (due && *due <= now.steady) node.shard->tick(now);
    node.shard->end_turn(now);
    schedule_commits(index);
    schedule_reads(index);
    for (Connection* connection : std::exchange(node.to_flush, {}))
        connection->flush();
    node.shard->on_written(now.steady);
    life_->reclaimer.end_turn(index);
    life_->reclaimer.collect(kCollectMax);
    schedule_wake(index);
}

void Broker::schedule_commits(core::ShardIndex index) {
    Node& node = *life_->nodes[index];
    if (node.memory == nullptr) return;
    while (node.commits_scheduled < node.memory->committing()) {
        ++node.commits_scheduled;
        node.last_commit =
            std::max(node.last_commit, stage_.time() + stage_.chance.delay(plan_.commit_delay));
        at(node.last_commit, [this, index] { try_commit(index); });
    }
}

void Broker::begin_fault(Fault fault, Time lasts) {
    stage_.say("the disk ", fault == Fault::error ? "fails" : "stalls", " for ", lasts.count(),
               " us");
    fault_ = fault;
    fault_ends_ = stage_.time() + lasts;
}

void Broker::squeeze(Time lasts) {
    if (life_->squeezed) return;
    set_squeezed(true);
    at(stage_.time() + lasts, [this] { set_squeezed(false); });
}

void Broker::set_squeezed(bool squeezed) {
    stage_.say("the broker has ", squeezed ? "no memory to spare" : "enough memory again");
    life_->squeezed = squeezed;
    for (std::size_t i = 0; i < life_->nodes.size(); ++i) {
        life_->nodes[i]->shard->on_memory(squeezed, stage_.now());
        want_turn(static_cast<core::ShardIndex>(i));
    }
}

// One that succeeds is on the disk, and the shard learns of it a little later.
void Broker::try_commit(core::ShardIndex index) {
    Node& node = *life_->nodes[index];
    if (in_fault()) {
        if (fault_ == Fault::error) set_failing(true);
        node.last_commit = std::max(
            node.last_commit, std::min(fault_ends_, stage_.time() + stage_.chance.delay(kRetry)));
        at(node.last_commit, [this, index] { try_commit(index); });
        return;
    }
    set_failing(false);
    --node.commits_scheduled;
    const core::CommitId commit = node.memory->complete();
    stage_.say("commit ", commit, " of shard ", index);
    tell(index, [this, commit](Node& told) { told.shard->on_commit(commit, stage_.now()); });
}

void Broker::set_failing(bool failing) {
    if (std::exchange(life_->failing, failing) == failing) return;
    stage_.say("the store ", failing ? "is failing" : "has recovered");
    for (std::size_t i = 0; i < life_->nodes.size(); ++i) {
        tell(static_cast<core::ShardIndex>(i), [this, failing](Node& told) {
            told.failing = failing;
            told.failing_changed = stage_.time();
            told.shard->on_store_state(failing, stage_.now());
        });
    }
}

// What a shard is told of its store comes a little later, and in order.
template <typename What>
void Broker::tell(core::ShardIndex index, What what) {
    Node& node = *life_->nodes[index];
    ++node.untold;
    node.last_told = std::max(node.last_told, stage_.time() + stage_.chance.delay(kTurn));
    at(node.last_told, [this, index, what] {
        Node& told = *life_->nodes[index];
        --told.untold;
        what(told);
        want_turn(index);
    });
}

void Broker::schedule_reads(core::ShardIndex index) {
    Node& node = *life_->nodes[index];
    if (node.memory == nullptr) return;
    while (node.reads_scheduled < node.memory->reading()) {
        ++node.reads_scheduled;
        at(stage_.time() + stage_.chance.delay(plan_.commit_delay), [this, index, &node] {
            --node.reads_scheduled;
            node.shard->on_queue_read(node.memory->complete_read(), stage_.now());
            want_turn(index);
        });
    }
}

void Broker::schedule_wake(core::ShardIndex index) {
    Node& node = *life_->nodes[index];
    const auto deadline = node.shard->next_deadline();
    if (!deadline) return;
    const auto ahead = std::chrono::ceil<Time>(*deadline - stage_.now().steady);
    const Time when = stage_.time() + std::max(ahead, Time{1});
    if (node.wakes && *node.wakes <= when) return;
    node.wakes = when;
    at(when, [this, index, when] {
        Node& woken = *life_->nodes[index];
        if (woken.wakes != when) return;  // an earlier one was set after it
        woken.wakes.reset();
        end_turn(index);
    });
}

void Broker::stop() {
    for (std::size_t i = 0; i < life_->nodes.size(); ++i) {
        life_->nodes[i]->shard->stop(stage_.now());
        want_turn(static_cast<core::ShardIndex>(i));
    }
}

bool Broker::at_rest() const {
    return life_->post.empty() && !life_->squeezed &&
           std::all_of(life_->nodes.begin(), life_->nodes.end(), [](const auto& node) {
               return !node->turn_wanted && node->commits_scheduled == 0 && node->untold == 0 &&
                      node->reads_scheduled == 0 && node->shard->settled();
           });
}

std::string Broker::restless() const {
    std::string what = "the broker";
    if (!life_->post.empty()) what += " has mail under way,";
    if (life_->squeezed) what += " has no memory to spare,";
    for (std::size_t i = 0; i < life_->nodes.size(); ++i) {
        const Node& node = *life_->nodes[i];
        if (node.commits_scheduled != 0 || node.untold != 0 || !node.shard->committed()) {
            what += cat(" shard ", i, " has commits under way,");
        } else if (!node.shard->settled()) {
            what += cat(" shard ", i, " lacks answers,");
        }
    }
    return what;
}

std::uint64_t Broker::sum(const core::Counter core::Counters::*counter) const {
    std::uint64_t sum = 0;
    for (const auto& node : life_->nodes)
        sum += (node->shard->counters().*counter).get();
    return sum;
}

std::uint64_t Broker::drops(core::DropReason reason) const {
    std::uint64_t sum = past_drops_[static_cast<std::size_t>(reason)];
    for (const auto& node : life_->nodes) {
        sum += node->shard->counters().messages_dropped[static_cast<std::size_t>(reason)].get();
    }
    return sum;
}

}  // namespace godwit::simulation
