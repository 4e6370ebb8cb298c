// Takes connections off one listening socket and deals them to the loops in turn. Lives on one
// loop.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "door.hpp"
#include "socket.hpp"
#include "watched.hpp"
#include "worker.hpp"

namespace godwit::net {

using Warn = std::function<void(const std::string& message)>;  // any thread

class Acceptor final : public Watched {
public:
    // Begins to accept; before the loop runs or on its thread. The door outlives all connections.
    Acceptor(Descriptor socket, Door& door, std::size_t own,
             const std::vector<std::unique_ptr<Worker>>& workers, const Warn& warn);

    void close();
    void set_backlog(int backlog);

    void on_ready(Ready ready) override;
    void on_timer() override;

private:
    [[nodiscard]] bool accept_one();
    void admit(Descriptor socket, const Address& address);
    void turn_away();
    [[nodiscard]] std::string name() const;  // of the listener
    void deal();
    void pause(int error);

    [[nodiscard]] Worker& own() { return *workers_[own_]; }

    Descriptor socket_;
    Door& door_;
    const std::size_t own_;  // index of the worker on whose loop this lives
    const std::vector<std::unique_ptr<Worker>>& workers_;
    const Warn& warn_;

    std::vector<std::vector<Accepted>> dealt_;  // in this turn, by worker
    std::size_t next_;
    std::size_t turned_away_ = 0;  // since the last warning
    core::SteadyTime next_warning_{};
    bool paused_ = false;
};

}  // namespace godwit::net
