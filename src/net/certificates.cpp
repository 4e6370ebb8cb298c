#include "certificates.hpp"

#include <sys/stat.h>

#include <utility>

#include "tls_context.hpp"

namespace godwit::net {

// Follows links, as those of Kubernetes and certbot, so that another target is another file.
struct Certificates::Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    std::int64_t modified_s = 0;
    std::int64_t modified_ns = 0;

    friend bool operator==(const Stamp&, const Stamp&) = default;
};

Certificates::Certificates(TlsSettings settings, std::size_t listener)
    : settings_(std::move(settings)), listener_(listener) {}

Certificates::~Certificates() = default;

std::shared_ptr<const TlsContext> Certificates::current() const {
    const core::MutexLock lock(mutex_);
    return current_;
}

Certificates::Reloaded Certificates::reload() {
    const core::MutexLock one_at_a_time(reloading_);
    // Looked at before they are read: what changes meanwhile is noticed.
    seen_ = read_ = stamps();
    TlsContext::Built built = TlsContext::build(settings_);
    Reloaded reloaded{built.context != nullptr, {}};
    for (const TlsProblem& problem : built.problems)
        reloaded.problems.push_back(to_string(problem, listener_));
    if (built.context) {
        const core::MutexLock lock(mutex_);
        current_.swap(built.context);
    }
    return reloaded;
}

bool Certificates::have_changed() {
    const core::MutexLock one_at_a_time(reloading_);
    std::vector<Stamp> now = stamps();
    const bool rests = now == seen_;
    seen_ = std::move(now);
    return rests && seen_ != read_;
}

std::vector<Certificates::Stamp> Certificates::stamps() const {
    std::vector<Stamp> stamps;
    for (const std::string* file : {&settings_.certificate, &settings_.private_key, &settings_.ca,
                                    &settings_.crl, &settings_.psk_file}) {
        struct stat status {};
        const bool exists = !file->empty() && stat(file->c_str(), &status) == 0;
        stamps.push_back(!exists ? Stamp{}
                                 : Stamp{status.st_dev, status.st_ino, status.st_size,
                                         status.st_mtim.tv_sec, status.st_mtim.tv_nsec});
    }
    return stamps;
}

}  // namespace godwit::net
