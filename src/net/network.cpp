#include "godwit/net/network.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include "listeners.hpp"
#include "worker.hpp"

namespace godwit::net {

namespace {

// Descriptors for what is no client: log files, poll sets, listening sockets.
constexpr std::size_t kDescriptorReserve = 64;

// Raises the limit on descriptors as far as it goes and returns how many clients it leaves room
// for.
std::size_t connections_by_descriptors() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    const std::size_t descriptors = limit.rlim_cur;
    return std::max(descriptors, kDescriptorReserve + 1) - kDescriptorReserve;
}

std::size_t connections_max(const LimitSettings& limits) {
    const std::size_t possible = connections_by_descriptors();
    return limits.max_connections == 0 ? possible : std::min(possible, limits.max_connections);
}

}  // namespace

class Network::Impl {
public:
    Impl(const Settings& its_settings, const core::Commons& its_commons,
         core::Authenticator& its_authenticator, Warn its_warn)
        : settings(its_settings),
          commons(its_commons),
          authenticator(its_authenticator),
          warn(std::move(its_warn)),
          connections(connections_max(its_settings.limits)) {}

    ~Impl() {
        for (const auto& worker : workers)
            worker->loop().drop_posts();
    }

    const Settings settings;  // at the start
    const core::Commons& commons;
    core::Authenticator& authenticator;  // at the start
    const Warn warn;
    Quota connections;  // of all listeners
    Listeners listeners{workers, connections, warn};
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

void Network::run(core::ShardIndex shard) {
    impl_->workers[shard]->run();
}

void Network::enforce(const Settings& settings, const core::Settings& core_settings,
                      core::AccessPolicy& access, core::Authenticator& authenticator,
                      const std::function<void()>& done) {
    impl_->listeners.change(settings.listeners, settings.limits.backlog);
    impl_->connections.set_max(connections_max(settings.limits));
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
