#include "godwit/net/network.hpp"

#include <algorithm>
#include <utility>

#include "admission.hpp"
#include "listeners.hpp"
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

    const Settings settings;  // at the start
    const core::Commons& commons;
    core::Authenticator& authenticator;  // at the start
    const Warn warn;
    Admission admission;
    Listeners listeners{workers, admission, warn};
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
    impl_->listeners.open(impl_->settings.listeners, impl_->settings.limits.backlog);
}

void Network::accept() {
    impl_->listeners.start();
}

std::vector<std::string> Network::addresses() const {
    return impl_->listeners.addresses();
}

std::vector<std::string> Network::refusing_anonymous() const {
    return impl_->listeners.refusing_anonymous();
}

std::vector<OpenListener> Network::open_listeners() const {
    return impl_->listeners.described();
}

void Network::run(core::ShardIndex shard) {
    impl_->workers[shard]->run();
}

void Network::enforce(const Settings& settings, const core::Settings& core_settings,
                      core::AccessPolicy& access, core::Authenticator& authenticator,
                      const std::function<void()>& done) {
    impl_->listeners.change(settings.listeners, settings.limits.backlog);
    impl_->admission.enforce(settings.limits);
    for (const auto& worker : impl_->workers) {
        worker->loop().post([&worker = *worker, &core_settings, &access, &authenticator, done] {
            worker.enforce(core_settings, access, authenticator);
            done();
        });
    }
}

void Network::stop() {
    impl_->listeners.close();
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
