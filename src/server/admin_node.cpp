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

void AdminNode::watch(admin::Witness witness) {
    log_.watch(witness.logged);
    broker_.watch(std::move(witness));
}

}  // namespace godwit::server
