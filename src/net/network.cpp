#include "godwit/net/network.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include "certificate_watch.hpp"
#include "listener.hpp"
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

    [[nodiscard]] std::shared_ptr<Certificates> open_certificates(std::size_t index);

    const Settings& settings;
    const core::Commons& commons;
    core::Authenticator& authenticator;  // in force at the start
    const Warn warn;
    CertificateWatch certificates{warn};
    Quota connections;  // of all listeners
    std::vector<std::unique_ptr<Listener>> listeners;
    std::vector<std::string> addresses;
    std::vector<std::unique_ptr<Worker>> workers;
};

// Null for a plain listener. Throws where they are broken.
std::shared_ptr<Certificates> Network::Impl::open_certificates(std::size_t index) {
    const ListenerSettings& listener = settings.listeners[index];
    if (!listener.tls) return nullptr;
    auto opened = std::make_shared<Certificates>(*listener.tls, index);
    const Certificates::Reloaded loaded = opened->reload();
    if (!loaded.succeeded) {
        std::string all;
        for (const std::string& problem : loaded.problems)
            all += (all.empty() ? "" : "; ") + problem;
        throw ListenError(all);
    }
    std::ranges::for_each(loaded.problems, warn);
    certificates.add(listener.name, opened);
    return opened;
}

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
    const Settings& settings = impl_->settings;
    for (std::size_t i = 0; i < settings.listeners.size(); ++i) {
        auto listener = std::make_unique<Listener>(settings.listeners[i], settings.limits.backlog,
                                                   impl_->connections, impl_->open_certificates(i));
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

std::vector<std::string> Network::reload_certificates() {
    return impl_->certificates.reload_all();
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
