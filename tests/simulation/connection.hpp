// One network connection, both ends of it and the wire between. Bytes arrive in pieces cut
// anywhere, late, and after a cut not at all. Towards the broker it does what its network does:
// read a CONNECT, bring it to its home shard, feed bytes, flush at the end of a turn.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "broker.hpp"
#include "godwit/core/link.hpp"
#include "stage.hpp"

namespace godwit::simulation {

// The client at the other end.
class Endpoint {
public:
    virtual void on_bytes(mqtt::Bytes bytes) = 0;
    virtual void on_end() = 0;  // the broker has closed

protected:
    ~Endpoint() = default;
};

// Hears what happens at the broker's end.
class Witness {
public:
    // The shard is about to be given the connection; it may have been told that its store fails.
    virtual void connecting(Connection& connection, bool store_failing) = 0;
    // It has been given it, and may have refused it.
    virtual void arrived(Connection& connection, bool store_failing) = 0;
    // The connection is over there, for good. `disconnect_taken`: the client's DISCONNECT was.
    virtual void ended(Connection& connection, core::CloseReason reason, bool disconnect_taken) = 0;

protected:
    ~Witness() = default;
};

class Connection final : public core::Link {
public:
    // `number` tells it from all others; `accept`: the shard it comes in on.
    Connection(Stage& stage, Broker& broker, Witness& witness, Endpoint& endpoint,
               std::uint64_t number, std::string client_id, bool clean_session);

    [[nodiscard]] std::uint64_t number() const { return number_; }
    [[nodiscard]] const std::string& client_id() const { return client_id_; }
    [[nodiscard]] bool clean_session() const { return clean_session_; }

    // The client's end.
    void write(const std::vector<std::byte>& bytes);
    void write_disconnect(const std::vector<std::byte>& bytes);
    void finish();  // all bytes, then the end of the stream
    // Nothing more reaches the client; some of what it wrote may still reach the broker, which
    // notices after a while.
    void cut(core::CloseReason reason, Time noticed_after);
    void read(bool reading);
    // The broker's process dies: what it has flushed still comes, then the end of the stream.
    void crash();

    // Nothing is on the wire or in the outbox.
    [[nodiscard]] bool quiet() const;
    [[nodiscard]] bool over() const { return phase_ == Phase::gone; }
    // The broker serves it; the client may not know yet that it does no longer.
    [[nodiscard]] bool served() const { return phase_ == Phase::open; }

    // For the broker, at the end of a turn.
    void flush();

    void close(core::CloseReason reason) override;
    void resume() override;

private:
    enum class Phase : std::uint8_t { newcomer, travels, open, closing, gone };

    void request_flush() override;

    void schedule_up();
    void arrive_up(std::size_t size);
    void take_connect();
    void arrive_home(core::Arrival arrival);
    void feed();
    void end_of_stream();
    void lose(core::CloseReason reason);
    void tell_end(core::CloseReason reason);
    void hang_up();

    void schedule_down();
    void arrive_down();

    Stage& stage_;
    Broker& broker_;
    Witness& witness_;
    Endpoint* endpoint_;  // null once the client has turned away
    const std::uint64_t number_;
    const std::string client_id_;
    const bool clean_session_;
    const core::ShardIndex accept_;
    const core::ShardIndex home_;

    // Towards the broker.
    std::vector<std::byte> up_;      // on the wire
    std::vector<std::byte> unread_;  // arrived, not taken by the shard
    bool up_scheduled_ = false;
    bool finished_ = false;                  // the client has closed its side
    std::optional<core::CloseReason> lost_;  // cut: to be noticed when the rest has arrived
    Time noticed_at_{0};
    std::size_t written_ = 0;                     // bytes by the client
    std::size_t taken_ = 0;                       // bytes by the broker
    std::optional<std::size_t> disconnect_ends_;  // where the DISCONNECT ends in them

    // At the broker.
    Phase phase_ = Phase::newcomer;
    core::ConnectionHandle handle_;
    bool paused_ = false;
    bool blocked_ = false;  // the wire takes no more
    bool end_seen_ = false;
    bool end_told_ = false;

    // Towards the client.
    std::vector<std::byte> down_;
    bool down_scheduled_ = false;
    bool reading_ = true;
};

}  // namespace godwit::simulation
