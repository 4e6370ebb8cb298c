#include "broker.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <latch>
#include <span>
#include <utility>

#include "godwit/config/differences.hpp"
#include "godwit/core/restart.hpp"
#include "godwit/version.hpp"
#include "totals.hpp"
#include "usable_cores.hpp"

namespace godwit::server {

namespace {

std::size_t loops_of(const net::Settings& settings) {
    return settings.threads != 0 ? settings.threads : usable_cores();
}

std::unique_ptr<store::Database> open_database(const config::Config& config) {
    if (!config.persistence.enabled) return nullptr;
    return std::make_unique<store::Database>(config.node.data_dir, config.persistence,
                                             loops_of(config.net));
}

core::Now system_clocks() {
    return {std::chrono::steady_clock::now(), std::chrono::system_clock::now()};
}

// The loops want cores too, and each hash its memory.
std::size_t hashing_threads() {
    constexpr std::size_t kMax = 4;
    return std::min(kMax, usable_cores());
}

}  // namespace

Broker::Broker(config::Config config, Log& log)
    : auth_commons_(std::make_unique<auth::Commons>(
          hashing_threads(), system_clocks,
          [&log](const std::string& message) { log.warning(message); })),
      rules_(std::make_unique<Rules>(std::move(config), *auth_commons_)),
      log_(log),
      events_(log),
      database_(open_database(rules_->config)),
      secret_(database_ ? database_->secret() : chance_.next()),
      reclaimer_(loops_of(rules_->config.net)),
      router_(reclaimer_, secret_),
      retained_(reclaimer_, secret_),
      commons_{.shards = loops_of(rules_->config.net),
               .hash_key = secret_,
               .settings = rules_->config.core,
               .router = router_,
               .retained = retained_,
               .reclaimer = reclaimer_,
               .events = events_,
               .access = rules_->access},
      mailroom_(commons_.shards, bells()),
      network_(rules_->config.net, commons_, rules_->authenticator,
               [&log](const std::string& message) { log.warning(message); }) {
    const core::Now clock = database_ ? database_->clock() : system_clocks();
    for (std::size_t i = 0; i < commons_.shards; ++i) {
        const auto index = static_cast<core::ShardIndex>(i);
        units_.push_back(std::make_unique<Unit>(clock));
        Unit& unit = *units_.back();
        unit.shard = std::make_unique<core::Shard>(index, commons_, store_of(index),
                                                   mailroom_.mailer(index), unit.chance);
        network_.add(unit.loop, *unit.shard);
    }
    network_.listen();
}

Broker::~Broker() {
    sys_publisher_.reset();
    memory_watch_.reset();
    for (const auto& unit : units_)
        unit->loop.stop();
    for (const auto& unit : units_) {
        if (unit->thread.joinable()) unit->thread.join();
    }
    // Before the loops, which they tell of verdicts and commits.
    auth_commons_.reset();
    database_.reset();
}

core::Store& Broker::store_of(core::ShardIndex index) {
    if (database_) return database_->store(index);
    return volatile_store_;
}

Mailroom::Bells Broker::bells() {
    return {.mail =
                [this](core::ShardIndex to) {
                    units_[to]->loop.post([this, to] { collect_mail(to); });
                },
            .credit =
                [this](core::ShardIndex to) {
                    Unit& unit = *units_[to];
                    unit.loop.post([&unit] { unit.shard->on_credit(unit.loop.now()); });
                }};
}

void Broker::collect_mail(core::ShardIndex index) {
    Unit& unit = *units_[index];
    mailroom_.collect(index, [&](core::ShardIndex from, core::Mail mail) {
        unit.shard->on_mail(from, std::move(mail), unit.loop.now());
    });
}

void Broker::start() {
    if (database_) {
        for (const std::string& note : database_->notes())
            log_.warning(note);
        restore();
        start_commits();
    }
    for (std::size_t i = 0; i < units_.size(); ++i) {
        units_[i]->thread = std::jthread([this, i] {
            pthread_setname_np(pthread_self(), ("loop " + std::to_string(i)).c_str());
            network_.run(static_cast<core::ShardIndex>(i));
        });
    }
    memory_watch_.emplace(
        rules_->config.memory.high_water,
        MemoryWatch::Listeners{
            .changed = [this](bool high, std::size_t used) { on_memory(high, used); },
            .relieve = [this] { relieve_memory(); }});
    sys_publisher_.emplace(
        rules_->config.sys_topics, kVersion,
        SysPublisher::Ports{.totals = [this] { return totals_of(*this); },
                            .publish = [this](auto topics) { publish_sys(std::move(topics)); }});
}

// The shards load their sessions side by side; nothing else runs yet.
void Broker::restore() {
    core::Restart restart(commons_, database_->state());
    restart.load_retained();
    std::vector<std::future<void>> loading;
    for (const auto& unit : units_) {
        loading.push_back(std::async(std::launch::async, [&restart, &unit] {
            restart.load_sessions(*unit->shard, unit->loop.now());
        }));
    }
    for (std::future<void>& one : loading)
        one.get();
    restart.finish(*units_[0]->shard, units_[0]->loop.now());
}

void Broker::start_commits() {
    store::Database::Listeners listeners;
    listeners.committed = [this](core::ShardIndex index, core::CommitId commit) {
        Unit& unit = *units_[index];
        unit.loop.post([&unit, commit] { unit.shard->on_commit(commit, unit.loop.now()); });
    };
    listeners.state = [this](bool failing, const std::string& message) {
        store_failing_.store(failing);
        for (const auto& unit : units_) {
            unit->loop.post(
                [&unit = *unit, failing] { unit.shard->on_store_state(failing, unit.loop.now()); });
        }
        log_.error(message);  // who reads it finds the shards told
    };
    listeners.read = [this](core::QueueRead read) {
        Unit& unit = *units_[read.session.shard];
        unit.loop.post([&unit, read = std::move(read)]() mutable {
            unit.shard->on_queue_read(std::move(read), unit.loop.now());
        });
    };
    listeners.warning = [this](const std::string& message) { log_.error(message); };
    database_->start(std::move(listeners));
}

void Broker::on_memory(bool high, std::size_t used) {
    for (const auto& unit : units_) {
        unit->loop.post([&unit = *unit, high] { unit.shard->on_memory(high, unit.loop.now()); });
    }
    const std::string mebibytes = std::to_string(used / (1024 * 1024)) + " MiB in use";
    if (high) {
        log_.warning("memory beyond limits.memory_high_water, " + mebibytes +
                     ": newcomers and QoS 0 are refused, publishers wait");
    } else {
        log_.warning("memory below limits.memory_high_water again, " + mebibytes);
    }
}

void Broker::relieve_memory() {
    for (const auto& unit : units_)
        unit->loop.post(&release_unused_memory);
}

void Broker::publish_sys(std::vector<admin::SysTopic> topics) {
    Unit& unit = *units_.front();
    unit.loop.post([&unit, topics = std::move(topics)] {
        for (const admin::SysTopic& one : topics) {
            (void)unit.shard->publish(one.topic, std::as_bytes(std::span(one.payload)),
                                      mqtt::Qos::at_most_once, true, unit.loop.now());
        }
    });
}

bool Broker::restored() const {
    return no_mail_while([this] {
        return std::all_of(units_.begin(), units_.end(), [](const auto& unit) {
            std::promise<bool> committed;
            unit->loop.post([&] { committed.set_value(unit->shard->committed()); });
            return committed.get_future().get();
        });
    });
}

void Broker::enforce(const config::Config& config) {
    auto next = std::make_unique<Rules>(config::changeable(rules_->config, config), *auth_commons_);
    std::latch in_force(static_cast<std::ptrdiff_t>(units_.size()));
    network_.enforce(next->config.net, next->config.core, next->access, next->authenticator,
                     [&in_force] { in_force.count_down(); });
    in_force.wait();
    rules_ = std::move(next);
    memory_watch_->set_mark(rules_->config.memory.high_water);
    sys_publisher_->enforce(rules_->config.sys_topics);
}

void Broker::save_clock() {
    if (database_) database_->save_clock();
}

bool Broker::loops_turn() {
    const bool all = std::all_of(units_.begin(), units_.end(),
                                 [](const auto& unit) { return unit->has_turned.load(); });
    if (!all) return false;
    for (const auto& unit : units_) {
        unit->has_turned = false;
        unit->loop.post([&unit = *unit] { unit.has_turned = true; });
    }
    return true;
}

std::string Broker::description() const {
    std::string text;
    for (const std::string& address : network_.addresses()) {
        text += (text.empty() ? "" : ", ") + address;
    }
    const std::size_t loops = units_.size();
    return text + "; " + std::to_string(loops) + (loops == 1 ? " loop" : " loops");
}

std::vector<std::string> Broker::refusing_everybody() const {
    std::vector<std::string> names = network_.refusing_anonymous();
    std::erase_if(names, [&](const std::string& name) {
        const auto& listeners = rules_->config.net.listeners;
        const auto one = std::find_if(listeners.begin(), listeners.end(),
                                      [&](const auto& listener) { return listener.name == name; });
        // Without `automatic` somebody has decided, and TLS may tell the user names.
        return one == listeners.end() || one->anonymous != net::Anonymous::automatic ||
               (one->tls && one->tls->username_from != net::TlsSettings::UsernameFrom::none);
    });
    return names;
}

bool Broker::settled() const {
    return no_mail_while([this] { return network_.settled(); });
}

bool Broker::at_rest() const {
    return no_mail_while([this] { return network_.at_rest(); });
}

template <typename Asked>
bool Broker::no_mail_while(Asked asked) const {
    // A loop withdraws its word when it handles mail, before that mail counts as handled. So with
    // no mail on its way, before and after all loops were asked, none has work left.
    const std::size_t sent = mailroom_.sent();
    return mailroom_.handled() == sent && asked() && mailroom_.sent() == sent;
}

}  // namespace godwit::server
