#include "worker.hpp"

#include <algorithm>

#include "godwit/mqtt/encoder.hpp"

namespace godwit::net {

namespace {

// Objects of the router and the retained tree that are freed in one turn, and how soon the next
// turn comes while there are more.
constexpr std::size_t kCollectMax = 256;
constexpr std::size_t kCollectShare = 16;
constexpr std::chrono::milliseconds kCollectInterval{10};

// TLS handshakes that all loops together work on at once; one that has
// begun takes 43 KB.
constexpr std::size_t kHandshakesMax = 1024;
constexpr std::size_t kHandshakesOfALoopMin = 16;
// How long a turn may take for handshakes, the last one begun in time excepted. The signature alone
// takes a quarter of a millisecond with a key of RSA-2048, a tenth of that with one of P-256.
constexpr std::chrono::milliseconds kHandshakeTurn{2};

}  // namespace

Worker::Worker(core::ShardIndex index, EventLoop& loop, core::Shard& shard,
               const core::Commons& commons, core::Authenticator& authenticator,
               const std::vector<std::unique_ptr<Worker>>& workers)
    : index_(index),
      loop_(loop),
      shard_(shard),
      commons_(commons),
      authenticator_(&authenticator),
      workers_(workers),
      read_buffer_(std::make_unique_for_overwrite<std::byte[]>(kRead)),
      handshakes_(std::max(kHandshakesMax / commons.shards, kHandshakesOfALoopMin),
                  kHandshakeTurn) {}

Worker::~Worker() = default;

void Worker::run() {
    loop_.run(*this);
    commons_.reclaimer.sleep(index_);
}

void Worker::welcome(std::vector<Accepted> connections) {
    if (stopping_) return;
    traffic_.connections_opened.add(connections.size());
    for (Accepted& accepted : connections) {
        auto newcomer = std::make_unique<Newcomer>(*this, std::move(accepted));
        Newcomer& added = *newcomer;
        add(std::move(newcomer));
        added.start();
    }
}

void Worker::send_home(Handover handover) {
    const core::ShardIndex home = core::home_shard(handover.arrival.client_id, commons_);
    Worker& there = *workers_[home];
    if (&there == this) return receive(std::move(handover));
    there.loop().post(
        [&there, handover = std::move(handover)]() mutable { there.receive(std::move(handover)); });
}

void Worker::receive(Handover handover) {
    if (stopping_) return;
    const core::Identity& identity = handover.arrival.identity;
    const bool vouched = identity.warrant != 0;
    // The rules may have changed while it was on its way.
    if (!handover.stream.place().stands(vouched) || !authenticator_->vouches_for(identity)) {
        return turn_back(std::move(handover));
    }
    auto connection = std::make_unique<Connection>(*this, std::move(handover.stream),
                                                   handover.arrival.keep_alive, vouched);
    Connection& added = *connection;
    add(std::move(connection));
    added.start(std::move(handover.arrival), handover.unread);
}

std::uint64_t Worker::ask(Newcomer& newcomer) {
    asked_.emplace(++questions_, &newcomer);
    return questions_;
}

void Worker::on_verdict(std::uint64_t question, core::Verdict verdict) {
    const auto found = asked_.find(question);
    if (found != asked_.end()) found->second->on_verdict(std::move(verdict));
}

void Worker::enforce(const core::Settings& settings, core::AccessPolicy& access,
                     core::Authenticator& authenticator) {
    authenticator_ = &authenticator;
    shard_.enforce(settings, access, authenticator, now());
    // Backwards, since whoever goes is replaced by the last one.
    for (std::size_t i = peers_.size(); i > 0; --i)
        peers_[i - 1]->on_rules();
}

void Worker::turn_back(Handover handover) {
    send_refusal(handover.stream, mqtt::ConnackCode::not_authorized);
    report_refusal(handover.arrival.client_id, handover.arrival.origin.address,
                   {mqtt::ConnackCode::not_authorized, core::CloseReason::reconfigured,
                    "the configuration changed as it came"});
    handover.stream.close(core::CloseReason::reconfigured);
}

void Worker::add(std::unique_ptr<Peer> peer) {
    peer->index_ = static_cast<std::uint32_t>(peers_.size());
    peers_.push_back(std::move(peer));
    traffic_.connections.add();
}

void Worker::bury(Peer& peer) {
    loop_.forget(peer);
    std::unique_ptr<Peer>& place = peers_[peer.index_];
    gone_.push_back(std::move(place));
    if (&place != &peers_.back()) {
        place = std::move(peers_.back());
        place->index_ = peer.index_;
    }
    peers_.pop_back();
    traffic_.connections.subtract();
}

void Worker::send_refusal(Stream& stream, mqtt::ConnackCode code) {
    const auto packet = mqtt::encode_connack({.code = code});
    const mqtt::Bytes pieces[] = {packet};
    traffic_.bytes_sent.add(stream.send(pieces).bytes);
    traffic_.connacks_sent.add();
}

void Worker::report_refusal(std::string_view client_id, std::string_view address,
                            const core::Refusal& refusal) {
    traffic_.refused[static_cast<std::size_t>(refusal.reason)].add();
    commons_.events.connection_refused(client_id, address, refusal.reason, refusal.detail);
}

void Worker::begin() {
    // Nothing read from the router in an earlier turn is held any more.
    commons_.reclaimer.wake(index_);
    handshakes_.begin_turn();
    if (stopping_) {
        settled_.store(false, std::memory_order_relaxed);
        at_rest_.store(false, std::memory_order_relaxed);
    }
}

// The fixed order in which a turn ends: what came in is handled, mail and commits leave, sockets
// are written to, the dead are buried.
std::optional<core::SteadyTime> Worker::end(const core::Now& now) {
    another_turn_ = false;
    continue_readers();
    if (const auto due = shard_.next_deadline(); due && *due <= now.steady) shard_.tick(now);
    shard_.end_turn(now);
    flush_all();
    // The one other clock reading of a turn, where somebody is to know how long it took.
    if (shard_.has_deliveries()) shard_.on_written(std::chrono::steady_clock::now());
    dig_graves();
    if (stopping_) {
        const bool settled = shard_.settled();
        settled_.store(settled, std::memory_order_release);
        at_rest_.store(settled && peers_.empty(), std::memory_order_release);
    }
    // More where more is retired, or it would pile up as long as somebody keeps on.
    commons_.reclaimer.collect(std::max(kCollectMax, commons_.reclaimer.waiting() / kCollectShare));
    return next_turn(now);
}

std::optional<core::SteadyTime> Worker::next_turn(const core::Now& now) const {
    if (another_turn_ || !to_flush_.empty() || !to_continue_.empty()) return now.steady;
    std::optional<core::SteadyTime> next = shard_.next_deadline();
    if (commons_.reclaimer.waiting() != 0) {
        const core::SteadyTime soon = now.steady + kCollectInterval;
        next = next ? std::min(*next, soon) : soon;
    }
    return next;
}

void Worker::continue_readers() {
    const std::vector<Connection*> connections = std::exchange(to_continue_, {});
    for (Connection* connection : connections) {
        if (!connection->gone()) connection->continue_reading();
    }
}

// Only those that asked before: who asks again meanwhile has the next turn.
void Worker::flush_all() {
    const std::size_t count = to_flush_.size();
    for (std::size_t i = 0; i < count; ++i)
        to_flush_[i]->flush();
    to_flush_.erase(to_flush_.begin(), to_flush_.begin() + static_cast<std::ptrdiff_t>(count));
}

void Worker::dig_graves() {
    if (gone_.empty()) return;
    const auto is_gone = [](const Connection* connection) { return connection->gone(); };
    std::erase_if(to_flush_, is_gone);
    std::erase_if(to_continue_, is_gone);
    gone_.clear();
}

void Worker::stop() {
    stopping_ = true;
    // Backwards, since whoever goes is replaced by the last one.
    for (std::size_t i = peers_.size(); i > 0; --i)
        peers_[i - 1]->on_stop();
    shard_.stop(now());
}

void Worker::close_all() {
    shard_.close_all(now());
}

}  // namespace godwit::net
