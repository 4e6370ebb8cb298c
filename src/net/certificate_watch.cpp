#include "certificate_watch.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace godwit::net {

namespace {

constexpr std::chrono::seconds kInterval{1};

}  // namespace

CertificateWatch::~CertificateWatch() {
    std::jthread last;
    const core::MutexLock lock(mutex_);
    last.swap(thread_);
}

void CertificateWatch::look_after(std::vector<Watched> watched) {
    const core::MutexLock lock(mutex_);
    watched_ = std::move(watched);
    if (watched_.empty() || thread_.joinable()) return;
    thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
}

// Polls, since what matters lies behind links of all kinds: five stat() a listener and second.
void CertificateWatch::watch(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any interval;
    std::unique_lock lock(mutex);
    while (!interval.wait_for(lock, stop, kInterval, [&stop] { return stop.stop_requested(); })) {
        for (const Watched& watched : all())
            look(watched);
    }
}

void CertificateWatch::look(const Watched& watched) {
    if (!watched.certificates->have_changed()) return;
    const Certificates::Reloaded reloaded = watched.certificates->reload();
    for (const std::string& problem : reloaded.problems)
        warn_(problem);
    warn_("listener '" + watched.listener + "': its certificates have changed on disk: " +
          (reloaded.succeeded ? "new connections get the new ones"
                              : "they are broken, the ones before stay in force"));
}

std::vector<CertificateWatch::Watched> CertificateWatch::all() const {
    const core::MutexLock lock(mutex_);
    return watched_;
}

}  // namespace godwit::net
