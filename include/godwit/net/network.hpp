// The network side of a broker: listeners, and for each shard a worker that drives it on its loop.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "godwit/core/shard.hpp"
#include "godwit/net/event_loop.hpp"
#include "godwit/net/settings.hpp"
#include "godwit/net/traffic.hpp"

namespace godwit::net {

// A listener cannot be opened; the text names it, its address or file, and the reason.
class ListenError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Where clients can connect.
struct OpenListener {
    std::string name;
    std::string address;  // with its real port
    Transport transport = Transport::tcp;
    bool tls = false;
};

class Network {
public:
    // What an operator should read; called on any loop's thread.
    using Warn = std::function<void(const std::string& message)>;

    // Commons outlives the network, and the authenticator until enforce() names another.
    Network(const Settings& settings, const core::Commons& commons,
            core::Authenticator& authenticator, Warn warn);
    // REQUIRES: no loop runs.
    ~Network();
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;

    // Before anything else: the shards with their loops, in the order of their indices.
    void add(EventLoop& loop, core::Shard& shard);

    // Opens all listeners, or throws ListenError. Who connects waits for accept().
    void listen();
    // Begins to let clients in. Once, on any thread, after listen().
    void accept();
    // Where clients can connect, with real ports: 'tcp 127.0.0.1:1883', 'tls 127.0.0.1:8883',
    // 'unix /run/godwit.sock'.
    [[nodiscard]] std::vector<std::string> addresses() const;
    // The names of the listeners that let nobody in without a user name.
    [[nodiscard]] std::vector<std::string> refusing_anonymous() const;
    // The same in full; on the thread of accept().
    [[nodiscard]] std::vector<OpenListener> open_listeners() const;

    // Runs a shard's loop on the calling thread until the loop is stopped.
    void run(core::ShardIndex shard);

    // Other rules: opens the listeners that are new, closes those that are gone, reads certificates
    // and keys anew (which happens by itself too when a file has changed), and from a later
    // turn of each loop on all of it is in force; `done` is called on each loop's thread then. What
    // was in force before is not referred to any more once all have called. Throws ListenError, and
    // then nothing has changed. While the loops run, on the thread of accept().
    void enforce(const Settings& settings, const core::Settings& core_settings,
                 core::AccessPolicy& access, core::Authenticator& authenticator,
                 const std::function<void()>& done);

    // A clean stop in two steps; the loops go on. Any thread, each step once.
    // Closes the listeners, takes no more PUBLISHes and publishes the wills of all clients.
    void stop();
    // After stop(): nothing is unanswered. Any thread.
    [[nodiscard]] bool settled() const;
    // Closes all connections.
    void close_all();
    // After close_all(): nothing is unanswered and all connections are closed. Any thread.
    [[nodiscard]] bool at_rest() const;

    [[nodiscard]] const Traffic& traffic(core::ShardIndex shard) const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace godwit::net
