// One epoll loop and the connections that live on it. All calls come from the thread that runs
// turn(), and from no other while it runs.
//
// A turn reads what is ready, then lets every connection touched meanwhile publish what its window
// allows and sends its bytes with one call: many packets share a system call, as with a real client
// under load.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "clock.hpp"
#include "counters.hpp"

namespace godwit::bench {

class Connection;
class Subscriber;
struct PublishView;

// What a scenario does with what its connections receive; called on the connection's loop.
class ConnectionEvents {
public:
    ConnectionEvents() = default;
    ConnectionEvents(const ConnectionEvents&) = delete;
    ConnectionEvents& operator=(const ConnectionEvents&) = delete;
    virtual ~ConnectionEvents() = default;

    virtual void on_publish(Subscriber&, const PublishView&) {}
    virtual void on_connack(Connection&) {}
    virtual void on_suback(Connection&) {}
    virtual void on_closed(Connection&) {}
};

class EventLoop {
public:
    // Loops of one run are numbered from 0; `loops` is how many there are.
    EventLoop(std::size_t index, std::size_t loops);
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;
    ~EventLoop();

    void turn(std::chrono::milliseconds timeout);

    // Closing the descriptor ends the watch.
    void watch(int descriptor, Connection& connection);
    void watch_writable(int descriptor, Connection& connection, bool writable);

    // Only Connection::touch() calls this.
    void add_touched(Connection& connection) { touched_.push_back(&connection); }

    // Connections that other loops wake: they are touched when a wake-up comes.
    void add_wakeable(Connection& connection) { wakeable_.push_back(&connection); }
    void wake_after_turn(EventLoop& other);

    // Takes the time at every read, for read_time().
    void stamp_reads() { stamps_reads_ = true; }
    TimePoint read_time() const { return read_time_; }
    void note_read() {
        if (stamps_reads_) read_time_ = Clock::now();
    }

    // What a connection reads into; free again when its on_readable() returns.
    std::span<std::uint8_t> read_buffer() { return read_buffer_; }

    void set_events(ConnectionEvents& events) { events_ = &events; }
    ConnectionEvents& events() const { return *events_; }

    void count(Counter counter, std::uint64_t amount = 1) { counters_.add(counter, amount); }
    const Counters& counters() const { return counters_; }

    // More loops than one: what subscribers and publishers share must be atomic.
    bool threaded() const { return threaded_; }

private:
    void take_wakeup();
    void finish_touched();
    void wake_others();

    std::size_t index_;
    bool threaded_;
    int poller_;
    int wakeup_;
    ConnectionEvents* events_ = nullptr;
    std::vector<std::uint8_t> read_buffer_;
    std::vector<Connection*> touched_;
    std::vector<Connection*> wakeable_;
    std::vector<EventLoop*> to_wake_;
    std::vector<bool> wake_requested_;  // By loop: already in to_wake_.
    bool stamps_reads_ = false;
    TimePoint read_time_;
    Counters counters_;
};

}  // namespace godwit::bench
