// One configured listener: its sockets, and the door that its clients come through.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "acceptor.hpp"
#include "door.hpp"
#include "godwit/net/network.hpp"
#include "godwit/net/settings.hpp"

namespace godwit::net {

class Listener {
public:
    // Binds; throws ListenError. With certificates its clients speak TLS.
    Listener(const ListenerSettings& settings, std::shared_ptr<const Certificates> certificates,
             int backlog, Admission& admission);
    ~Listener();

    // Starts to accept on the loop of the worker with the index.
    void start(std::size_t worker, const std::vector<std::unique_ptr<Worker>>& workers,
               const Warn& warn);
    void set_backlog(int backlog);  // on that loop
    // Stops to accept, and removes the file of a unix socket; on that loop.
    void close();

    // Undoes a close(): throws ListenError. REQUIRES: TCP; start() follows.
    void reopen(int backlog);

    [[nodiscard]] const Bind& bind() const { return bind_; }
    // What the settings say beside the address is so for whoever comes from now on.
    void change(const ListenerSettings& settings, std::shared_ptr<const Certificates> certificates);
    // Nobody comes any more. It stays as long as there are connections.
    void remove() { door_->remove(); }
    [[nodiscard]] bool is_unused() const { return door_->is_unused(); }

    // As in the log: 'tcp 127.0.0.1:1883', 'tls 127.0.0.1:8883', 'ws 127.0.0.1:8083', 'wss ...',
    // 'unix /run/godwit.sock', 'ws unix:/run/godwit.sock'.
    [[nodiscard]] std::vector<std::string> addresses() const;
    [[nodiscard]] std::string name() const { return door_->sign()->listener; }
    [[nodiscard]] bool lets_anonymous_in() const { return door_->sign()->anonymous; }
    [[nodiscard]] std::vector<OpenListener> described() const;

private:
    void open(int backlog, std::uint32_t socket_mode, const std::string& name);
    [[nodiscard]] Sign sign(const ListenerSettings& settings,
                            std::shared_ptr<const Certificates> certificates) const;

    const Bind bind_;
    std::string unix_path_;
    bool unix_file_ = false;           // is there, and ours
    std::vector<Descriptor> sockets_;  // until start()
    std::vector<Address> bound_;
    std::unique_ptr<Door> door_;
    std::vector<std::unique_ptr<Acceptor>> acceptors_;
};

}  // namespace godwit::net
