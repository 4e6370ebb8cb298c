// One client connection: socket, unsent and unread bytes, CONNECT and SUBSCRIBE. TLS and WebSocket
// are its channel's part. Publisher and Subscriber add what each does. Lives on one event loop;
// only that loop's thread touches it.
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "byte_buffer.hpp"
#include "channel.hpp"
#include "clock.hpp"
#include "codec.hpp"
#include "event_loop.hpp"

namespace godwit::bench {

struct Endpoint {
    sockaddr_in broker{};
    std::optional<sockaddr_in> source;  // Bound before connecting, when given.
};

class Connection {
public:
    // A client id names the client across connections. `number` counts connections of one kind.
    Connection(EventLoop& loop, std::uint32_t number, std::string client_id);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    virtual ~Connection();

    // Connects and sends CONNECT, through a channel as soon as that is ready. Returns 0, or errno
    // of what the system refused.
    [[nodiscard]] int open(const Endpoint& endpoint);
    void subscribe(std::span<const std::string> topic_filters, std::uint8_t qos);
    void disconnect();  // Sends DISCONNECT; closing is the broker's part.
    void close();

    // Ends the connection as if the broker had. It counts as lost unless DISCONNECT was sent.
    void drop();

    void set_channel(std::unique_ptr<Channel> channel) { channel_ = std::move(channel); }
    void set_credentials(std::string user_name, std::string password);
    // No MQTT at all: the channel ends as soon as it is ready.
    void set_channel_only() { channel_only_ = true; }
    void set_clean_session(bool clean) { clean_session_ = clean; }
    void set_keep_alive(std::uint16_t seconds) { keep_alive_s_ = seconds; }

    std::uint32_t number() const { return number_; }
    EventLoop& loop() const { return loop_; }
    bool is_open() const { return descriptor_ >= 0; }
    bool is_leaving() const { return leaving_; }
    bool session_present() const { return session_present_; }
    TimePoint disconnected_at() const { return disconnected_at_; }

    // finish_turn() will be called at the end of this turn of the loop.
    void touch() {
        if (touched_) return;
        touched_ = true;
        loop_.add_touched(*this);
    }

    // Called by the event loop.
    void on_readable();
    void on_writable();
    void finish_turn();

protected:
    virtual void on_packet(const Frame& frame);

    // Appends to out() what may be sent now.
    virtual void produce() {}
    virtual bool may_produce() const { return false; }

    ByteBuffer& out() { return out_; }
    void send_ack(PacketType type, std::uint16_t packet_id) {
        append_ack(out_, type, packet_id);
        touch();
    }
    // Sends now what out() holds, unless the socket is known to be full.
    void flush();

private:
    void on_ready();
    bool read_once();
    ssize_t receive(std::span<std::uint8_t> room);
    ssize_t send_some();
    void on_connack(const Frame& frame);
    void on_suback(const Frame& frame);
    std::size_t take_frames(std::span<const std::uint8_t> input);
    void want_writable(bool writable);

    EventLoop& loop_;
    std::uint32_t number_;
    std::string client_id_;
    std::string user_name_;
    std::string password_;
    std::unique_ptr<Channel> channel_;  // Null: packets go to the socket as they are.
    int descriptor_ = -1;
    bool touched_ = false;
    bool waits_for_room_ = false;  // The socket was full; EPOLLOUT tells when it is not.
    bool ready_ = false;           // CONNECT went out.
    bool leaving_ = false;
    bool channel_only_ = false;
    bool clean_session_ = true;
    bool session_present_ = false;
    std::uint16_t keep_alive_s_ = 300;
    std::uint16_t last_packet_id_ = 0;
    TimePoint disconnected_at_;
    ByteBuffer unread_;  // The beginning of a frame.
    ByteBuffer out_;
};

}  // namespace godwit::bench
