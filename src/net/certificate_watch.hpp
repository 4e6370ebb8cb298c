// Looks after the certificates of all listeners: reads them anew when their files change. It has a
// thread of its own, so that no loop waits for a disk.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "certificates.hpp"
#include "godwit/core/mutex.hpp"

namespace godwit::net {

class CertificateWatch {
public:
    // `warn` is called on any thread.
    explicit CertificateWatch(const std::function<void(const std::string&)>& warn) : warn_(warn) {}
    // Joins the thread.
    ~CertificateWatch();
    CertificateWatch(const CertificateWatch&) = delete;
    CertificateWatch& operator=(const CertificateWatch&) = delete;

    struct Watched {
        std::string listener;
        std::shared_ptr<Certificates> certificates;
    };
    // From now on after these, and no others. Any thread.
    void look_after(std::vector<Watched> watched);

private:
    void watch(const std::stop_token& stop);
    void look(const Watched& watched);
    [[nodiscard]] std::vector<Watched> all() const;

    const std::function<void(const std::string&)>& warn_;
    mutable core::Mutex mutex_;
    std::vector<Watched> watched_ GODWIT_GUARDED_BY(mutex_);
    std::jthread thread_ GODWIT_GUARDED_BY(mutex_);  // once there is something to watch
};

}  // namespace godwit::net
