#include "connection.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "godwit/mqtt/decoder.hpp"
#include "godwit/mqtt/encoder.hpp"

namespace godwit::simulation {

namespace {

constexpr Time kClosingMax = std::chrono::seconds{1};  // for the last bytes of a closed connection
constexpr Time kTravel{300};                           // from loop to loop
constexpr Time kDoorPoll{1000};  // until a broker that starts is looked at again
constexpr Time kEndPoll{3000};   // until the end of the stream is looked for again

void drop_front(std::vector<std::byte>& bytes, std::size_t size) {
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
}

}  // namespace

Connection::Connection(Stage& stage, Broker& broker, Witness& witness, Endpoint& endpoint,
                       std::uint64_t number, std::string client_id, bool clean_session)
    : Link(broker.shard(broker.home_of(client_id)).chunks()),
      stage_(stage),
      broker_(broker),
      witness_(witness),
      endpoint_(&endpoint),
      number_(number),
      client_id_(std::move(client_id)),
      clean_session_(clean_session),
      accept_(static_cast<core::ShardIndex>(stage.chance.below(broker.shards()))),
      home_(broker.home_of(client_id_)) {}

// --- The client's end --------------------------------------------------------------------------

void Connection::write(const std::vector<std::byte>& bytes) {
    up_.insert(up_.end(), bytes.begin(), bytes.end());
    written_ += bytes.size();
    schedule_up();
}

void Connection::write_disconnect(const std::vector<std::byte>& bytes) {
    write(bytes);
    disconnect_ends_ = written_;
}

void Connection::finish() {
    endpoint_ = nullptr;
    finished_ = true;
    schedule_up();
}

void Connection::cut(core::CloseReason reason, Time noticed_after) {
    endpoint_ = nullptr;
    up_.resize(stage_.chance.below(up_.size() + 1));
    down_.clear();
    lost_ = reason;
    noticed_at_ = stage_.time() + noticed_after;
    schedule_up();
    schedule_down();
}

void Connection::read(bool reading) {
    reading_ = reading;
    schedule_down();
}

bool Connection::quiet() const {
    return over() || (up_.empty() && unread_.empty() && down_.empty() && outbox().empty());
}

// --- Towards the broker ------------------------------------------------------------------------

void Connection::schedule_up() {
    if (phase_ == Phase::gone || std::exchange(up_scheduled_, true)) return;
    Time when = stage_.time() + stage_.chance.delay(broker_.plan().link_delay);
    if (up_.empty()) when = std::max(when + kEndPoll, lost_ ? noticed_at_ : when);
    stage_.at(when, [this] {
        up_scheduled_ = false;
        if (phase_ == Phase::gone) return;
        if (!up_.empty()) {
            arrive_up(stage_.chance.percent(70) ? up_.size()
                                                : stage_.chance.between(1, up_.size()));
        } else if (lost_) {
            lose(*lost_);
        } else if (finished_) {
            end_of_stream();
        }
        if (!up_.empty() || (lost_ && phase_ != Phase::gone)) schedule_up();
        const bool over = phase_ == Phase::gone || phase_ == Phase::closing;
        if (finished_ && up_.empty() && !end_seen_ && !over) schedule_up();
    });
}

void Connection::arrive_up(std::size_t size) {
    unread_.insert(unread_.end(), up_.begin(), up_.begin() + static_cast<std::ptrdiff_t>(size));
    drop_front(up_, size);
    if (phase_ == Phase::newcomer) take_connect();
    if (phase_ == Phase::open) feed();
}

void Connection::take_connect() {
    if (!broker_.is_open()) {
        stage_.after(kDoorPoll, [this] {
            if (phase_ == Phase::newcomer) take_connect();
            if (phase_ == Phase::open) feed();
        });
        return;
    }
    const auto frame = mqtt::next_frame(unread_, 0);
    if (!frame.value()) return;
    const auto connect = mqtt::decode_connect(*frame.value(), true);
    auto verdict = broker_.shard(accept_).admit(connect.value(), {}, {cat("client ", number_), ""});
    if (std::get_if<core::Refusal>(&verdict) != nullptr) {
        throw Broken(cat("a CONNECT of ", client_id_, " was refused at the door"));
    }
    taken_ += frame.value()->size;
    drop_front(unread_, frame.value()->size);
    phase_ = Phase::travels;
    const Time travel = accept_ == home_ ? Time{0} : stage_.chance.delay(kTravel);
    auto arrival = std::make_shared<core::Arrival>(std::move(std::get<core::Arrival>(verdict)));
    stage_.after(travel, [this, arrival] { arrive_home(std::move(*arrival)); });
}

void Connection::arrive_home(core::Arrival arrival) {
    if (phase_ != Phase::travels) return;
    stage_.say("connection ", number_, " of ", client_id_, " comes home to shard ", home_);
    const bool failing = broker_.failing(home_);
    witness_.connecting(*this, failing);
    phase_ = Phase::open;
    handle_ = broker_.shard(home_).on_connect(std::move(arrival), *this, stage_.now());
    witness_.arrived(*this, failing);
    broker_.want_turn(home_);
    if (phase_ == Phase::open) feed();
}

void Connection::feed() {
    if (paused_ || unread_.empty()) return;
    const core::Intake intake = broker_.shard(home_).on_bytes(handle_, unread_, stage_.now());
    if (intake.consumed > unread_.size()) throw Broken("more bytes were consumed than came");
    taken_ += intake.consumed;
    drop_front(unread_, intake.consumed);
    paused_ = intake.paused;
    broker_.want_turn(home_);
}

void Connection::resume() {
    stage_.after(stage_.chance.delay(Time{20}), [this] {
        if (phase_ != Phase::open) return;
        paused_ = false;
        feed();
    });
}

// A network that is not to read does not see the end either.
void Connection::end_of_stream() {
    if (phase_ != Phase::open || paused_ || std::exchange(end_seen_, true)) return;
    broker_.shard(home_).on_end(handle_, stage_.now());
    broker_.want_turn(home_);
}

void Connection::lose(core::CloseReason reason) {
    if (phase_ == Phase::travels) return;  // seen once it is home
    const bool known = phase_ == Phase::open;
    phase_ = Phase::gone;
    if (known) {
        broker_.shard(home_).on_disconnect(handle_, reason, "", stage_.now());
        broker_.want_turn(home_);
        tell_end(reason);
    }
    hang_up();
}

void Connection::close(core::CloseReason reason) {
    if (phase_ != Phase::open) throw Broken("a connection was closed that was not open");
    phase_ = Phase::closing;
    flush_soon();
    tell_end(reason);
    stage_.after(kClosingMax, [this] {
        if (phase_ == Phase::closing) hang_up();
    });
}

void Connection::crash() {
    if (phase_ == Phase::gone) return;
    up_.clear();
    unread_.clear();
    if (phase_ == Phase::open) tell_end(core::CloseReason::server_stopping);
    hang_up();
}

void Connection::tell_end(core::CloseReason reason) {
    if (std::exchange(end_told_, true)) throw Broken("a connection ended twice");
    const bool disconnect_taken = disconnect_ends_ && taken_ >= *disconnect_ends_;
    stage_.say("connection ", number_, " of ", client_id_, " is over: ", core::to_string(reason));
    witness_.ended(*this, reason, disconnect_taken || reason == core::CloseReason::disconnect);
}

void Connection::hang_up() {
    phase_ = Phase::gone;
    outbox().clear();
    schedule_down();
}

// --- Towards the client ------------------------------------------------------------------------

void Connection::request_flush() {
    broker_.flush_later(home_, *this);
}

void Connection::flush() {
    flush_begins();
    if (phase_ == Phase::gone) return;
    std::array<mqtt::Bytes, 8> pieces;
    while (!outbox().empty()) {
        const std::size_t room =
            broker_.plan().socket_room - std::min(broker_.plan().socket_room, down_.size());
        if (endpoint_ == nullptr) {  // Nobody takes it, nobody minds.
            outbox().consume(outbox().size());
            break;
        }
        blocked_ = room == 0;
        if (blocked_) return;
        const std::size_t count = outbox().gather(pieces);
        std::size_t moved = 0;
        for (std::size_t i = 0; i < count && moved < room; ++i) {
            const mqtt::Bytes part = pieces[i].first(std::min(pieces[i].size(), room - moved));
            down_.insert(down_.end(), part.begin(), part.end());
            moved += part.size();
        }
        outbox().consume(moved);
        schedule_down();
    }
    blocked_ = false;
    if (phase_ == Phase::closing) return hang_up();
    if (take_drained_wanted()) {
        broker_.shard(home_).on_drained(handle_, stage_.now());
        broker_.want_turn(home_);
    }
}

void Connection::schedule_down() {
    if (!reading_ || down_scheduled_ || endpoint_ == nullptr) return;
    if (down_.empty() && phase_ != Phase::gone) return;
    down_scheduled_ = true;
    stage_.after(stage_.chance.delay(broker_.plan().link_delay), [this] {
        down_scheduled_ = false;
        arrive_down();
    });
}

void Connection::arrive_down() {
    if (endpoint_ == nullptr || !reading_) return;
    if (down_.empty()) {
        if (phase_ == Phase::gone) std::exchange(endpoint_, nullptr)->on_end();
        return;
    }
    const std::size_t size =
        stage_.chance.percent(70) ? down_.size() : stage_.chance.between(1, down_.size());
    const std::vector<std::byte> bytes(down_.begin(),
                                       down_.begin() + static_cast<std::ptrdiff_t>(size));
    drop_front(down_, size);
    endpoint_->on_bytes(bytes);
    if (blocked_) flush();
    schedule_down();
}

}  // namespace godwit::simulation
