// All listeners of a broker, each on one of its loops, through reloads. One thread, but for what is
// posted to the loops.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "certificate_watch.hpp"
#include "godwit/net/settings.hpp"
#include "listener.hpp"

namespace godwit::net {

class Listeners {
public:
    // All references outlive this, and it outlives the workers' connections.
    Listeners(const std::vector<std::unique_ptr<Worker>>& workers, Admission& admission,
              const Warn& warn)
        : workers_(workers), admission_(admission), warn_(warn) {}

    // Opens them all, or throws ListenError. Who connects waits for start().
    void open(const std::vector<ListenerSettings>& settings, int backlog);
    void start();

    // REQUIRES: the loops run.
    // Opens those that are new and closes those that are gone; a listener is known by its address.
    // Throws ListenError, and then nothing has changed.
    void change(const std::vector<ListenerSettings>& settings, int backlog);
    void close();

    [[nodiscard]] std::vector<std::string> addresses() const;
    // The names of those that let nobody in without a user name.
    [[nodiscard]] std::vector<std::string> refusing_anonymous() const;
    [[nodiscard]] std::vector<OpenListener> described() const;

private:
    // A listener with the index of the worker on whose loop it accepts.
    struct Placed {
        std::unique_ptr<Listener> listener;
        std::size_t worker;
    };

    using AllCertificates = std::vector<std::shared_ptr<Certificates>>;  // null: plain

    [[nodiscard]] AllCertificates read_certificates(const std::vector<ListenerSettings>& settings);
    void look_after(const std::vector<ListenerSettings>& settings,
                    const AllCertificates& certificates);
    [[nodiscard]] Placed make(const ListenerSettings& settings,
                              std::shared_ptr<const Certificates> certificates, int backlog);
    void start(Placed& placed);
    [[nodiscard]] std::vector<Placed> open_new(const std::vector<ListenerSettings>& settings,
                                               const AllCertificates& certificates,
                                               const std::vector<Placed*>& kept, int backlog);
    void close_now(Placed& placed);
    void retire(Placed placed);

    const std::vector<std::unique_ptr<Worker>>& workers_;
    Admission& admission_;
    const Warn& warn_;
    std::vector<Placed> open_;
    std::vector<Placed> retired_;  // until their connections are gone
    std::size_t next_worker_ = 0;
    CertificateWatch watch_{warn_};
};

}  // namespace godwit::net
