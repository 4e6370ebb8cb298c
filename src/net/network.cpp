#include "godwit/net/network.hpp"

#include <algorithm>
#include <utility>

#include "admission.hpp"
#include "listener.hpp"
#include "worker.hpp"

namespace godwit::net {

class Network::Impl {
public:
    Impl(const Settings& its_settings, const core::Commons& its_commons,
         core::Authenticator& its_authenticator, Warn its_warn)
        : settings(its_settings),
          commons(its_commons),
          authenticator(its_authenticator),
          warn(std::move(its_warn)),
          admission(its_settings.limits) {}

    ~Impl() {
        for (const auto& worker : workers)
            worker->loop().drop_posts();
    }

    const Settings& settings;
    const core::Commons& commons;
    core::Authenticator& authenticator;  // in force at the start
    const Warn warn;
    Admission admission;
    std::vector<std::unique_ptr<Listener>> listeners;
    std::vector<std::string> addresses;
    std::vector<std::unique_ptr<Worker>> workers;
};

Network::Network(const Settings& settings, const core::Commons& commons,
                 core::Authenticator& authenticator, Warn warn)
    : impl_(std::make_unique<Impl>(settings, commons, authenticator, std::move(warn))) {}

Network::~Network() = default;

void Network::add(EventLoop& loop, core::Shard& shard) {
    const auto index = static_cast<core::ShardIndex>(impl_->workers.size());
    impl_->workers.push_back(std::make_unique<Worker>(index, loop, shard, impl_->commons,
                                                      impl_->authenticator, impl_->workers));
}

void Network::listen() {
    for (const ListenerSettings& settings : impl_->settings.listeners) {
        auto listener =
            std::make_unique<Listener>(settings, impl_->settings.limits.backlog, impl_->admission);
        std::ranges::copy(listener->addresses(), std::back_inserter(impl_->addresses));
        impl_->listeners.push_back(std::move(listener));
    }
}

void Network::accept() {
    for (std::size_t i = 0; i < impl_->listeners.size(); ++i) {
        const std::size_t own = i % impl_->workers.size();
        impl_->workers[own]->loop().post([this, &listener = *impl_->listeners[i], own] {
            listener.start(own, impl_->workers, impl_->warn);
        });
    }
}

const std::vector<std::string>& Network::addresses() const {
    return impl_->addresses;
}

void Network::run(core::ShardIndex shard) {
    impl_->workers[shard]->run();
}

void Network::enforce(const core::Settings& settings, core::AccessPolicy& access,
                      core::Authenticator& authenticator, const std::function<void()>& done) {
    for (const auto& worker : impl_->workers) {
        worker->loop().post([&worker = *worker, &settings, &access, &authenticator, done] {
            worker.enforce(settings, access, authenticator);
            done();
        });
    }
}

void Network::enforce(const LimitSettings& limits) {
    impl_->admission.enforce(limits);
}

void Network::stop() {
    for (std::size_t i = 0; i < impl_->listeners.size(); ++i) {
        Listener& listener = *impl_->listeners[i];
        impl_->workers[i % impl_->workers.size()]->loop().post([&listener] { listener.close(); });
    }
    for (const auto& worker : impl_->workers) {
        worker->loop().post([&worker] { worker->stop(); });
    }
}

bool Network::settled() const {
    return std::ranges::all_of(impl_->workers, [](const auto& w) { return w->settled(); });
}

void Network::close_all() {
    for (const auto& worker : impl_->workers) {
        worker->loop().post([&worker] { worker->close_all(); });
    }
}

bool Network::at_rest() const {
    return std::ranges::all_of(impl_->workers, [](const auto& w) { return w->at_rest(); });
}

const Traffic& Network::traffic(core::ShardIndex shard) const {
    return impl_->workers[shard]->traffic();
}

}  // namespace godwit::net
