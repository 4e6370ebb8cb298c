// The streams that tell what happens on the node: each second its counters, who comes and goes, and
// the lines of its log. The node is watched only while somebody reads. The admin thread's.
#pragma once

#include <memory>

#include "event_queue.hpp"
#include "godwit/admin/node.hpp"

namespace godwit::admin {

class Hub {
public:
    // The node outlives it.
    explicit Hub(Node& node);
    ~Hub();
    Hub(const Hub&) = delete;
    Hub& operator=(const Hub&) = delete;

    // The queue gets them until nobody else refers to it.
    void follow_events(const std::shared_ptr<EventQueue>& queue);
    void follow_log(const std::shared_ptr<EventQueue>& queue);

    // Once a second.
    void tick();

private:
    class Readers;

    void watch();

    Node& node_;
    // Shared with the calls of the witness, on other threads.
    const std::shared_ptr<Readers> events_;
    const std::shared_ptr<Readers> log_;
    bool watching_ = false;
};

}  // namespace godwit::admin
