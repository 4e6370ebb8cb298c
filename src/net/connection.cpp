#include "connection.hpp"

#include <array>

#include "worker.hpp"

namespace godwit::net {

namespace {

// How long a connection that we close may take for its last bytes.
constexpr std::chrono::seconds kClosingMax{1};

// A client that takes none of its acknowledgements is not read from beyond so many bytes over its
// outbound buffer, which bounds only the messages.
constexpr std::size_t kAnswersMax = 256 * 1024;

// Bytes a connection may send in one turn.
constexpr std::size_t kSendMax = 1024 * 1024;

}  // namespace

Connection::Connection(Worker& worker, Stream stream, std::uint16_t keep_alive_s, bool vouched)
    : Peer(worker, std::move(stream)),
      Link(worker.shard().chunks()),
      last_read_(worker.now().steady),
      keep_alive_s_(keep_alive_s),
      vouched_(vouched) {}

void Connection::start(core::Arrival arrival, mqtt::Bytes unread) {
    handle_ = worker().shard().on_connect(std::move(arrival), *this, worker().now());
    if (phase_ != Phase::open) return;
    if (keep_alive_s_ != 0) worker().loop().set_timer(*this, keep_alive_deadline());
    if (!unread.empty()) feed(unread);
    if (phase_ == Phase::open && stream().has_more() && wants_to_read()) resume();
    update_interest();
}

// --- What the core asks for. It may do so in the midst of our calls to it.

void Connection::close(core::CloseReason reason) {
    if (phase_ != Phase::open) return;
    phase_ = Phase::closing;
    reason_ = reason;
    worker().loop().set_timer(*this, worker().now().steady + kClosingMax);
    flush_soon();
}

void Connection::resume() {
    worker().continue_at_end(*this);
}

void Connection::request_flush() {
    worker().flush_at_end(*this);
}

// --- What the loop tells

void Connection::on_ready(Ready ready) {
    const bool held_up = ready.write && stream().wants_to_send();
    if (held_up) push();
    if (gone()) return;
    if (ready.write && blocked_) {
        blocked_ = false;
        send();
    }
    if ((ready.read || held_up) && wants_to_read()) receive();
}

void Connection::on_timer() {
    if (phase_ == Phase::closing) {
        phase_ = Phase::gone;
        return hang_up(reason_);
    }
    // Reads only stamp the time, so the timer has to look. While the shard takes nothing, the
    // client's silence is none. [MQTT-3.1.2-24]
    const core::SteadyTime now = worker().now().steady;
    if (paused_) last_read_ = now;
    if (now >= keep_alive_deadline()) return lose(core::CloseReason::keep_alive);
    worker().loop().set_timer(*this, keep_alive_deadline());
}

void Connection::on_rules() {
    if (phase_ != Phase::open || stream().place().stands(vouched_)) return;
    worker().shard().close(handle_, core::CloseReason::reconfigured,
                           "its listener is gone or changed", worker().now());
}

core::SteadyTime Connection::keep_alive_deadline() const {
    return last_read_ + std::chrono::milliseconds{1500} * keep_alive_s_;
}

// --- In

void Connection::receive() {
    mqtt::Bytes bytes;
    switch (read(bytes)) {
        case Stream::Status::ok:
            last_read_ = worker().now().steady;
            feed(bytes);
            [[fallthrough]];
        case Stream::Status::blocked:  // with more to come where the bytes were none of MQTT's
            if (stream().has_more() && wants_to_read()) resume();
            return update_interest();
        case Stream::Status::ended: return end();
        case Stream::Status::failed: return fail();
    }
}

void Connection::feed(mqtt::Bytes bytes) {
    const core::Intake intake = worker().shard().on_bytes(handle_, bytes, worker().now());
    if (phase_ != Phase::open) return;
    keep(bytes.subspan(intake.consumed));
    paused_ = intake.paused;
}

void Connection::continue_reading() {
    if (phase_ != Phase::open) return;
    paused_ = false;
    last_read_ = worker().now().steady;
    if (!kept().empty()) feed(kept());
    if (stream().has_more() && wants_to_read()) return receive();
    update_interest();
}

// Nothing more comes, but the shard may have something left to handle before it ends this.
void Connection::end() {
    paused_ = true;
    worker().shard().on_end(handle_, worker().now());
    update_interest();
}

void Connection::fail() {
    const Stream::Fault fault = stream().fault();
    lose(fault.reason, fault.detail);
}

void Connection::lose(core::CloseReason reason, std::string_view detail) {
    const bool known = phase_ == Phase::open;
    phase_ = Phase::gone;
    if (known) worker().shard().on_disconnect(handle_, reason, detail, worker().now());
    hang_up(reason);
}

// --- Out

void Connection::flush() {
    flush_begins();
    if (phase_ != Phase::gone && !blocked_) send();
}

// What the stream itself has to say.
void Connection::push() {
    if (stream().flush() == Stream::Status::failed) fail();
}

void Connection::send() {
    std::array<mqtt::Bytes, Stream::kPiecesMax> pieces;
    std::size_t budget = kSendMax;
    while (!outbox().empty()) {
        if (budget == 0) return flush_soon();
        const std::size_t count = outbox().gather(pieces);
        std::size_t offered = 0;
        for (std::size_t i = 0; i < count; ++i)
            offered += pieces[i].size();
        const Stream::Result sent = stream().send(std::span(pieces).first(count));
        if (sent.status == Stream::Status::failed) return fail();
        outbox().consume(sent.bytes);
        worker().traffic().bytes_sent.add(sent.bytes);
        if (sent.bytes < offered) return send_blocked();
        budget -= std::min(budget, sent.bytes);
    }
    sent_all();
}

void Connection::send_blocked() {
    blocked_ = true;
    update_interest();
}

void Connection::sent_all() {
    if (phase_ == Phase::closing) {
        phase_ = Phase::gone;
        return hang_up(reason_);
    }
    if (take_drained_wanted()) {
        worker().shard().on_drained(handle_, worker().now());
        worker().want_another_turn();
    }
    update_interest();
}

// --- The poller

bool Connection::wants_to_read() const {
    if (phase_ != Phase::open || paused_) return false;
    const std::size_t messages_max = worker().settings().limits.outbound_buffer;
    return !blocked_ || messages_max == 0 || outbox().size() < messages_max + kAnswersMax;
}

void Connection::update_interest() {
    const bool read = wants_to_read();
    const bool write = phase_ != Phase::gone && (blocked_ || stream().wants_to_send());
    if (read == watched_read_ && write == watched_write_) return;
    EventLoop& loop = worker().loop();
    const bool was_watched = watched_read_ || watched_write_;
    watched_read_ = read;
    watched_write_ = write;
    if (!read && !write) return loop.unwatch(stream().descriptor(), *this);
    const auto interest = !write ? EventLoop::Interest::read
                          : read ? EventLoop::Interest::both
                                 : EventLoop::Interest::write;
    if (was_watched) {
        loop.change(stream().descriptor(), *this, interest);
    } else {
        loop.watch(stream().descriptor(), *this, interest);
    }
}

}  // namespace godwit::net
