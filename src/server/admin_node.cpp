#include "admin_node.hpp"

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "godwit/config/load.hpp"
#include "godwit/version.hpp"
#include "totals.hpp"

namespace godwit::server {
namespace {

admin::ListenerView view_of(const net::OpenListener& listener) {
    return {.name = listener.name,
            .address = listener.address,
            .transport = listener.transport == net::Transport::tcp ? "tcp" : "websocket",
            .tls = listener.tls};
}

}  // namespace

AdminNode::AdminNode(Broker& broker, Log& log)
    : broker_(broker), log_(log), started_(std::chrono::steady_clock::now()) {
    {
        const core::MutexLock lock(mutex_);
        about_.name = broker.config().node.name;
        about_.version = kVersion;
        about_.started_at = std::chrono::system_clock::now();
        about_.threads = broker.shards();
    }
    refresh();
}

AdminNode::~AdminNode() {
    watch({});
}

void AdminNode::refresh() {
    std::vector<admin::ListenerView> listeners;
    for (const net::OpenListener& listener : broker_.open_listeners())
        listeners.push_back(view_of(listener));
    std::string configuration = config::to_json(broker_.config());
    const core::MutexLock lock(mutex_);
    about_.listeners = std::move(listeners);
    about_.configuration = std::move(configuration);
}

admin::NodeView AdminNode::about() const {
    const core::MutexLock lock(mutex_);
    admin::NodeView view = about_;
    view.uptime =
        std::chrono::duration_cast<core::Duration>(std::chrono::steady_clock::now() - started_);
    return view;
}

admin::Readiness AdminNode::readiness() const {
    switch (phase_.load()) {
        case Phase::starting: return admin::Readiness::starting;
        case Phase::stopping: return admin::Readiness::stopping;
        case Phase::serving: break;
    }
    return broker_.store_is_failing() ? admin::Readiness::store_failing : admin::Readiness::ready;
}

admin::Totals AdminNode::totals() const {
    return totals_of(broker_);
}

void AdminNode::sessions(const core::SessionQuery& /*query*/, std::string_view /*cursor*/,
                         std::size_t /*limit*/,
                         admin::Then<std::optional<core::Page<core::SessionView>>> then) {
    then(core::Page<core::SessionView>{});
}

void AdminNode::session(std::string_view /*client_id*/,
                        admin::Then<std::optional<core::SessionDetail>> then) {
    then(std::nullopt);
}

void AdminNode::kick(std::string_view /*client_id*/, bool /*with_session*/,
                     admin::Then<bool> then) {
    then(false);
}

void AdminNode::subscriptions(const core::SubscriptionQuery& /*query*/, std::string_view /*cursor*/,
                              std::size_t /*limit*/,
                              admin::Then<std::optional<core::Page<core::SubscriptionView>>> then) {
    then(core::Page<core::SubscriptionView>{});
}

void AdminNode::groups(std::string_view /*cursor*/, std::size_t /*limit*/,
                       admin::Then<std::optional<core::Page<core::GroupView>>> then) {
    then(core::Page<core::GroupView>{});
}

void AdminNode::explain(std::string_view /*client_id*/, std::string_view /*topic*/,
                        admin::Then<std::optional<core::Explanation>> then) {
    then(std::nullopt);
}

void AdminNode::retained(std::string_view /*filter*/, std::string_view /*cursor*/,
                         std::size_t /*limit*/, std::size_t /*payload_max*/,
                         admin::Then<std::optional<core::Page<core::RetainedView>>> then) {
    then(core::Page<core::RetainedView>{});
}

void AdminNode::retained_value(std::string_view /*topic*/,
                               admin::Then<std::optional<core::RetainedView>> then) {
    then(std::nullopt);
}

void AdminNode::clear_retained(std::string_view /*topic*/, admin::Then<bool> then) {
    then(false);
}

void AdminNode::publish(admin::Publication /*publication*/, admin::Then<std::size_t> then) {
    then(0);
}

void AdminNode::reload(admin::Then<std::string> then) {
    {
        const core::MutexLock lock(mutex_);
        reloads_.push_back(std::move(then));
    }
    kill(getpid(), SIGHUP);  // the main thread waits for nothing else
}

std::vector<admin::Then<std::string>> AdminNode::take_reloads() {
    const core::MutexLock lock(mutex_);
    return std::exchange(reloads_, {});
}

std::unique_ptr<admin::Tap> AdminNode::subscribe(
    std::string_view /*filter*/, mqtt::Qos /*qos*/,
    std::function<void(admin::ReceivedMessage)> /*receive*/) {
    return nullptr;
}

void AdminNode::watch(admin::Witness witness) {
    log_.watch(witness.logged);
    broker_.watch(std::move(witness));
}

}  // namespace godwit::server
