#include "connection.hpp"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "failure.hpp"

namespace godwit::bench {
namespace {

const sockaddr* generic(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

void enable(int descriptor, int level, int option) {
    const int on = 1;
    setsockopt(descriptor, level, option, &on, sizeof on);
}

// A connected, non-blocking socket, or -1 with errno set.
int connected_socket(const Endpoint& endpoint) {
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    bool usable = true;
    if (endpoint.source) {
        enable(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
        usable = bind(descriptor, generic(*endpoint.source), sizeof *endpoint.source) == 0;
    }
    if (!usable || connect(descriptor, generic(endpoint.broker), sizeof endpoint.broker) != 0) {
        const int reason = errno;
        close(descriptor);
        errno = reason;
        return -1;
    }
    enable(descriptor, IPPROTO_TCP, TCP_NODELAY);
    fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
    return descriptor;
}

}  // namespace

Connection::Connection(EventLoop& loop, std::uint32_t number, std::string client_id)
    : loop_(loop), number_(number), client_id_(std::move(client_id)) {}

Connection::~Connection() {
    close();
}

int Connection::open(const Endpoint& endpoint) {
    const int descriptor = connected_socket(endpoint);
    if (descriptor < 0) return errno;
    descriptor_ = descriptor;
    ready_ = false;
    leaving_ = false;
    loop_.watch(descriptor_, *this);
    if (channel_) {
        channel_->open(descriptor_);
        on_readable();  // Nothing is there yet, but it begins the handshake.
    } else {
        on_ready();
    }
    return 0;
}

void Connection::set_credentials(std::string user_name, std::string password) {
    user_name_ = std::move(user_name);
    password_ = std::move(password);
}

void Connection::subscribe(std::span<const std::string> topic_filters, std::uint8_t qos) {
    last_packet_id_ = last_packet_id_ == 0xffff ? std::uint16_t{1}
                                                : static_cast<std::uint16_t>(last_packet_id_ + 1);
    append_subscribe(out_, last_packet_id_, topic_filters, qos);
    touch();
}

void Connection::disconnect() {
    leaving_ = true;
    disconnected_at_ = Clock::now();
    append_disconnect(out_);
    touch();
}

void Connection::close() {
    if (channel_) channel_->close();
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
    waits_for_room_ = false;
    unread_.clear();
    out_.clear();
}

void Connection::drop() {
    close();
    if (!leaving_) loop_.count(Counter::lost);
    loop_.events().on_closed(*this);
}

void Connection::on_readable() {
    // A channel may hold more than the buffer took, of which the poller does not know.
    while (is_open() && read_once()) {
    }
}

// True when the buffer was filled.
bool Connection::read_once() {
    const std::span<std::uint8_t> buffer = loop_.read_buffer();
    const std::size_t kept = unread_.size();
    if (kept != 0) std::memcpy(buffer.data(), unread_.data(), kept);
    const ssize_t got = receive(buffer.subspan(kept));
    if (got <= 0) {
        if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            drop();
        } else if (!ready_ && channel_->ready()) {
            on_ready();
        }
        return false;
    }
    loop_.note_read();
    const auto input = buffer.first(kept + static_cast<std::size_t>(got));
    const std::size_t taken = take_frames(input);
    if (!is_open()) return false;
    if (input.size() - taken == buffer.size()) {
        fail(ExitCode::setup, "a packet larger than the read buffer");
    }
    unread_.clear();
    if (taken < input.size()) unread_.append(input.subspan(taken));
    return input.size() == buffer.size();
}

void Connection::on_writable() {
    if (!is_open()) return;
    want_writable(false);
    touch();
}

void Connection::finish_turn() {
    touched_ = false;
    if (waits_for_room_ || !is_open()) return;
    produce();
    flush();
    // The window is still open and the socket took it all: go on in this turn.
    if (out_.empty() && may_produce()) touch();
}

void Connection::on_packet(const Frame& frame) {
    switch (frame.type()) {
        case PacketType::connack: return on_connack(frame);
        case PacketType::suback: return on_suback(frame);
        case PacketType::unsuback:
        case PacketType::pingresp: return;
        default: return loop_.count(Counter::malformed);
    }
}

void Connection::flush() {
    if (waits_for_room_) return;
    while (!out_.empty() && is_open()) {
        const ssize_t sent = send_some();
        if (sent > 0) {
            out_.consume(static_cast<std::size_t>(sent));
        } else if (errno == EAGAIN) {
            return want_writable(true);
        } else if (errno != EINTR) {
            return drop();
        }
    }
}

ssize_t Connection::receive(std::span<std::uint8_t> room) {
    if (channel_) return channel_->receive(room);
    return recv(descriptor_, room.data(), room.size(), 0);
}

ssize_t Connection::send_some() {
    if (channel_) return channel_->send({out_.data(), out_.size()});
    return send(descriptor_, out_.data(), out_.size(), MSG_NOSIGNAL);
}

void Connection::on_ready() {
    ready_ = true;
    if (channel_only_) {
        leaving_ = true;
        disconnected_at_ = Clock::now();
        return channel_->end();
    }
    append_connect(out_, {.client_id = client_id_,
                          .keep_alive_s = keep_alive_s_,
                          .clean_session = clean_session_,
                          .user_name = user_name_,
                          .password = password_});
    flush();
}

void Connection::on_connack(const Frame& frame) {
    if (frame.body.size() < 2 || frame.body[1] != 0) return loop_.count(Counter::refused);
    session_present_ = (frame.body[0] & 1) != 0;
    loop_.count(Counter::connected);
    loop_.events().on_connack(*this);
}

void Connection::on_suback(const Frame& frame) {
    for (std::size_t i = 2; i < frame.body.size(); ++i) {
        const bool refused = (frame.body[i] & 0x80) != 0;
        loop_.count(refused ? Counter::subscription_refused : Counter::subscribed);
    }
    loop_.events().on_suback(*this);
}

// Returns how many bytes of `input` the whole frames took. A handler may close the connection.
std::size_t Connection::take_frames(std::span<const std::uint8_t> input) {
    std::size_t taken = 0;
    while (is_open() && input.size() - taken >= 2) {
        const FrameResult next = next_frame(input.subspan(taken));
        if (next.status == FrameResult::Status::partial) break;
        if (next.status == FrameResult::Status::malformed) {
            loop_.count(Counter::malformed);
            drop();
            break;
        }
        on_packet(next.frame);
        taken += next.bytes;
    }
    return taken;
}

void Connection::want_writable(bool writable) {
    if (waits_for_room_ == writable) return;
    waits_for_room_ = writable;
    loop_.watch_writable(descriptor_, *this, writable);
}

}  // namespace godwit::bench
