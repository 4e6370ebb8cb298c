// One configured listener: its sockets, and the door that its clients come through.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "acceptor.hpp"
#include "door.hpp"
#include "godwit/net/settings.hpp"

namespace godwit::net {

class Listener {
public:
    // Binds; throws ListenError. `everybody` counts all connections of the broker. With
    // certificates its clients speak TLS.
    Listener(const ListenerSettings& settings, int backlog, Quota& everybody,
             std::shared_ptr<Certificates> certificates);
    ~Listener();  // removes the file of a unix socket

    // Starts to accept on the loop of the worker with the index.
    void start(std::size_t worker, const std::vector<std::unique_ptr<Worker>>& workers,
               const Warn& warn);
    void close();  // on that loop

    // As in the log: 'tcp 127.0.0.1:1883', 'tls 127.0.0.1:8883', 'unix /run/godwit.sock'.
    [[nodiscard]] std::vector<std::string> addresses() const;

private:
    std::string unix_path_;
    std::vector<Descriptor> sockets_;  // until start()
    std::vector<Address> bound_;
    std::unique_ptr<Door> door_;
    std::vector<std::unique_ptr<Acceptor>> acceptors_;
};

}  // namespace godwit::net
