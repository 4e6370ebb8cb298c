// All parts of a broker, wired: what the shards share, the shards with their ports, the database,
// and the network that drives each shard on a loop and thread of its own.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "chance.hpp"
#include "godwit/config/config.hpp"
#include "godwit/core/shard.hpp"
#include "godwit/net/network.hpp"
#include "godwit/server/log.hpp"
#include "godwit/store/database.hpp"
#include "godwit/store/volatile_store.hpp"
#include "mailroom.hpp"
#include "memory_watch.hpp"
#include "rules.hpp"
#include "sys_publisher.hpp"
#include "watched_events.hpp"

namespace godwit::server {

class Broker {
public:
    // Opens the listeners and the database and reads the users; throws net::ListenError,
    // store::StoreError and auth::SourceError.
    // The log outlives the broker.
    Broker(config::Config config, Log& log);
    // Ends all loops at once, then commits what they wrote.
    ~Broker();

    // Brings back what is stored and starts the loops' threads.
    void start();
    // After start(): what the last process left undone is placed, and clients may come.
    [[nodiscard]] bool restored() const;
    void accept() { network_.accept(); }

    // Keeps for the next start what the broker's clock shows. Once a minute, and at the end.
    void save_clock();

    // Puts another configuration into force, as far as it can be changed while the broker runs;
    // who has no place in it is disconnected. Throws what says why it cannot be, and then nothing
    // has changed. While the loops run, on the thread of accept().
    void enforce(const config::Config& config);
    [[nodiscard]] const config::Config& config() const { return rules_->config; }  // in force

    // Where clients can connect, and how many loops serve them.
    [[nodiscard]] std::string description() const;
    // The names of listeners that let nobody in: they are open to other machines, and neither users
    // nor anybody else was configured.
    [[nodiscard]] std::vector<std::string> refusing_everybody() const;

    // Whether every loop has taken a turn since this was last true; then each is asked for another.
    // On one thread.
    [[nodiscard]] bool loops_turn();

    // For the admin interface; any thread unless said otherwise.
    [[nodiscard]] std::size_t shards() const { return units_.size(); }
    [[nodiscard]] const core::Counters& counters(core::ShardIndex shard) const {
        return units_[shard]->shard->counters();
    }
    [[nodiscard]] const net::Traffic& traffic(core::ShardIndex shard) const {
        return network_.traffic(shard);
    }
    [[nodiscard]] const core::RetainedTree& retained() const { return retained_; }
    // Null where nothing is stored.
    [[nodiscard]] const core::Histogram* commit_times() const {
        return database_ ? &database_->commit_times() : nullptr;
    }
    // Runs work(core::Shard&, const core::Now&) on the shard's thread in a later turn; it may be
    // dropped when the broker ends.
    template <typename Work>
    void post(core::ShardIndex shard, Work work) {
        Unit& unit = *units_[shard];
        unit.loop.post(
            [&unit, work = std::move(work)]() mutable { work(*unit.shard, unit.loop.now()); });
    }
    [[nodiscard]] core::ShardIndex home_of(std::string_view client_id) const {
        return core::home_shard(client_id, commons_);
    }
    [[nodiscard]] bool store_is_failing() const { return store_failing_.load(); }
    // On the thread of accept().
    [[nodiscard]] std::vector<net::OpenListener> open_listeners() const {
        return network_.open_listeners();
    }
    // Replaces an earlier one. After an empty one was set, no call runs.
    void watch(admin::Witness witness) { events_.watch(std::move(witness)); }

    // A clean stop in two steps; the loops go on. Any thread, each step once.
    // Closes the listeners and publishes all wills, for clients that are still connected.
    void stop() { network_.stop(); }
    // After stop(): nothing is unanswered.
    [[nodiscard]] bool settled() const;
    // Closes all connections.
    void close_all() { network_.close_all(); }
    // After close_all(): nothing is unanswered and everything is sent.
    [[nodiscard]] bool at_rest() const;

private:
    // One shard with what belongs to it alone.
    struct Unit {
        explicit Unit(const core::Now& clock) : loop(clock) {}

        net::EventLoop loop;
        Chance chance;
        std::unique_ptr<core::Shard> shard;
        std::atomic<bool> has_turned = true;  // since loops_turn() asked
        std::jthread thread;
    };

    [[nodiscard]] core::Store& store_of(core::ShardIndex index);
    void restore();
    void start_commits();
    void on_memory(bool high, std::size_t used);
    void relieve_memory();
    void publish_sys(std::vector<admin::SysTopic> topics);
    [[nodiscard]] Mailroom::Bells bells();
    void collect_mail(core::ShardIndex index);
    template <typename Asked>
    [[nodiscard]] bool no_mail_while(Asked asked) const;

    // In the order of who refers to whom.
    std::unique_ptr<auth::Commons> auth_commons_;
    std::unique_ptr<Rules> rules_;
    Log& log_;
    WatchedEvents events_;
    Chance chance_;
    std::unique_ptr<store::Database> database_;  // null: state is kept in memory only
    store::VolatileStore volatile_store_;
    const std::uint64_t secret_;
    core::Reclaimer reclaimer_;
    core::Router router_;
    core::RetainedTree retained_;
    core::Commons commons_;
    std::vector<std::unique_ptr<Unit>> units_;
    Mailroom mailroom_;
    net::Network network_;
    std::optional<MemoryWatch> memory_watch_;
    std::optional<SysPublisher> sys_publisher_;
    std::atomic<bool> store_failing_{false};
};

}  // namespace godwit::server
