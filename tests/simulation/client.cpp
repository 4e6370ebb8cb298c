#include "client.hpp"

#include <algorithm>
#include <utility>

#include "godwit/mqtt/encoder.hpp"

namespace godwit::simulation {

using mqtt::PacketType;
using mqtt::Qos;
using test::Packet;

Client::Client(Stage& stage, Broker& broker, Model& model, std::size_t index)
    : stage_(stage), broker_(broker), model_(model), index_(index), id_(Model::client_id(index)) {}

namespace {

constexpr Time kPatience{300'000};  // of one that the broker has refused

}  // namespace

void Client::fail(const std::string& what) const {
    throw Broken(id_ + " " + what);
}

// --- What it does ------------------------------------------------------------------------------

void Client::connect(bool clean_session, const std::optional<WillWish>& will) {
    if (open()) cut(core::CloseReason::network_error, stage_.chance.time(Time{0}, Time{9'000'000}));
    const std::uint64_t number = index_ * 10'000 + connections_.size() + 1;
    connections_.push_back(
        std::make_unique<Connection>(stage_, broker_, model_, *this, number, id_, clean_session));
    connection_ = connections_.back().get();
    clean_ = clean_session;
    if (clean_session) session_before_ = std::exchange(session_, {});

    mqtt::Connect packet{.clean_session = clean_session, .client_id = id_};
    std::string payload;
    if (will) {
        const Message& message =
            model_.make_will(index_, number, will->topic, will->qos, will->retain);
        payload = payload_of(message, 0);
        packet.will = {will->topic, test::as_bytes(payload), will->qos, will->retain};
    }
    stage_.say(id_, " CONNECT", clean_session ? " clean" : "", " as connection ", number,
               will ? " with will " + payload + " to " + will->topic : "");
    std::vector<std::byte> bytes;
    mqtt::append_connect(bytes, packet);
    connection_->write(bytes);
}

Message& Client::publish(const std::string& topic, Qos qos, bool retain, std::size_t size,
                         bool must_arrive) {
    const bool clears = retain && size == 0;
    Message& message = model_.publish(index_, connection_->number(), topic, qos, retain, clears);
    message.must_arrive = must_arrive;
    const std::string payload = payload_of(message, size);
    const mqtt::Bytes bytes = test::as_bytes(payload);
    Outgoing outgoing{&message, 0, {bytes.begin(), bytes.end()}, topic, retain};
    if (qos == Qos::at_most_once) {
        send_publish(outgoing, false);
        return message;
    }
    outgoing.packet_id = next_id();
    session_.outgoing.push_back(std::move(outgoing));
    send_publish(session_.outgoing.back(), false);
    return message;
}

void Client::send_publish(const Outgoing& outgoing, bool dup) {
    const Message& message = *outgoing.message;
    const bool retain = outgoing.retain;
    stage_.say(id_, " PUBLISH m", message.number, " ", outgoing.topic, " q",
               static_cast<int>(message.qos), " #", outgoing.packet_id, dup ? " dup" : "",
               retain ? " retain" : "", message.clears ? " empty" : "");
    std::vector<std::byte> bytes;
    mqtt::append_publish(
        bytes, {outgoing.topic, outgoing.payload, outgoing.packet_id, message.qos, retain, dup});
    if (message.qos != Qos::at_most_once) {
        acks_expected_.emplace_back(
            message.qos == Qos::at_least_once ? PacketType::puback : PacketType::pubrec,
            outgoing.packet_id);
    }
    connection_->write(bytes);
}

void Client::subscribe(const std::vector<SubscribeWish>& wishes) {
    const mqtt::PacketId packet_id = next_id();
    mqtt::Subscribe packet{packet_id, {}};
    SubscribeSent& sent = subscribes_[packet_id];
    sent.at = stage_.time();
    for (const SubscribeWish& wish : wishes) {
        packet.requests.push_back({wish.filter, wish.qos});
        stage_.say(id_, " SUBSCRIBE #", packet_id, " ", wish.filter, " q",
                   static_cast<int>(wish.qos));
        const auto filter = read_filter(wish.filter);
        const Qos granted = std::min(wish.qos, broker_.plan().settings.mqtt.max_qos);
        sent.codes.push_back(filter ? static_cast<std::uint8_t>(granted) : mqtt::kSubackFailure);
        if (!filter) continue;
        sent.entries.push_back(model_.subscriptions(index_).sent(
            {*filter, granted, connection_->number(), clean_, stage_.time()}));
    }
    std::vector<std::byte> bytes;
    mqtt::append_subscribe(bytes, packet);
    connection_->write(bytes);
}

void Client::unsubscribe(const std::vector<std::string>& filters) {
    const mqtt::PacketId packet_id = next_id();
    mqtt::Unsubscribe packet{packet_id, {}};
    std::vector<std::size_t>& entries = unsubscribes_[packet_id];
    for (const std::string& text : filters) {
        stage_.say(id_, " UNSUBSCRIBE #", packet_id, " ", text);
        packet.filters.push_back(text);
        const auto filter = read_filter(text);
        if (!filter) continue;
        const auto ended = model_.subscriptions(index_).unsubscribe(filter->key(), stage_.time());
        entries.insert(entries.end(), ended.begin(), ended.end());
    }
    std::vector<std::byte> bytes;
    mqtt::append_unsubscribe(bytes, packet);
    connection_->write(bytes);
}

void Client::ping() {
    ++pings_;
    std::vector<std::byte> bytes;
    mqtt::append_pingreq(bytes);
    connection_->write(bytes);
}

void Client::disconnect() {
    stage_.say(id_, " DISCONNECT");
    std::vector<std::byte> bytes;
    mqtt::append_disconnect(bytes);
    connection_->write_disconnect(bytes);
    connection_->finish();
    turn_away();
}

void Client::cut(core::CloseReason reason, Time noticed_after) {
    stage_.say(id_, " is cut off, noticed after ", noticed_after.count(), " us as ",
               core::to_string(reason));
    connection_->cut(reason, noticed_after);
    turn_away();
}

void Client::read(bool reading) {
    if (open()) connection_->read(reading);
}

void Client::broker_died() {
    for (const auto& connection : connections_)
        connection->crash();
}

void Client::acknowledge(bool at_once) {
    acknowledges_ = at_once;
    if (!at_once || !connected_) return;
    for (const mqtt::Ack& ack : std::exchange(acks_waiting_, {}))
        answer(ack.type, ack.packet_id);
}

bool Client::may_publish(Qos qos) const {
    if (qos == Qos::at_most_once) return true;
    const auto pending = static_cast<std::size_t>(
        std::count_if(session_.outgoing.begin(), session_.outgoing.end(),
                      [](const Outgoing& one) { return one.message->qos == Qos::exactly_once; }));
    if (qos == Qos::exactly_once && pending >= broker_.plan().settings.session.max_awaiting_rel) {
        return false;
    }
    return session_.outgoing.size() < 200;
}

bool Client::at_rest() const {
    for (const auto& connection : connections_) {
        if (connection.get() != connection_ && !connection->over()) return false;
    }
    return connected_ && connection_->served() && connection_->quiet() &&
           session_.outgoing.empty() && session_.received.empty() && unacknowledged_.empty() &&
           subscribes_.empty() && unsubscribes_.empty() && pings_ == 0;
}

std::string Client::restless() const {
    std::string what = id_;
    if (!open()) return what + " is not connected";
    if (!connected_) return what + " has no CONNACK";
    if (!connection_->quiet()) what += " has bytes under way,";
    return what + cat(" waits for ", session_.outgoing.size(), " publications, ",
                      session_.received.size(), " PUBRELs, ",
                      subscribes_.size() + unsubscribes_.size(),
                      " answers to SUBSCRIBE or UNSUBSCRIBE, ", pings_, " PINGRESPs");
}

void Client::turn_away() {
    connection_ = nullptr;
    connected_ = false;
    in_.clear();
    acks_expected_.clear();
    unacknowledged_.clear();
    subscribes_.clear();
    unsubscribes_.clear();
    pings_ = 0;
    acks_waiting_.clear();
    if (session_before_) session_ = *std::exchange(session_before_, std::nullopt);
}

mqtt::PacketId Client::next_id() {
    const auto used = [this](mqtt::PacketId id) {
        return id == 0 || subscribes_.contains(id) || unsubscribes_.contains(id) ||
               std::any_of(session_.outgoing.begin(), session_.outgoing.end(),
                           [id](const Outgoing& one) { return one.packet_id == id; });
    };
    // A short cycle, so that ids come again soon.
    do {
        last_id_ = static_cast<mqtt::PacketId>((last_id_ + 1) % 400);
    } while (used(last_id_));
    return last_id_;
}

// --- What it gets ------------------------------------------------------------------------------

void Client::on_bytes(mqtt::Bytes bytes) {
    in_.insert(in_.end(), bytes.begin(), bytes.end());
    while (auto packet = test::take_packet(in_)) {
        stage_.say(id_, " <- ", test::to_text(*packet));
        take(*packet);
    }
}

void Client::on_end() {
    stage_.say(id_, " sees the end of its connection");
    turn_away();
}

void Client::take(const Packet& packet) {
    if (connected_ == (packet.type == PacketType::connack)) {
        fail("got " + test::to_text(packet) + " out of place");
    }
    switch (packet.type) {
        case PacketType::connack: return on_connack(packet);
        case PacketType::publish: return on_publish(packet);
        case PacketType::puback:
        case PacketType::pubrec: return on_publish_acknowledged(packet);
        case PacketType::pubrel: return on_pubrel(packet);
        case PacketType::pubcomp: return on_pubcomp(packet);
        case PacketType::suback: return on_suback(packet);
        case PacketType::unsuback: return on_unsuback(packet);
        case PacketType::pingresp:
            if (pings_-- == 0) fail("got a PINGRESP too many");
            return;
        default: break;
    }
}

void Client::on_connack(const Packet& packet) {
    if (packet.codes[0] == static_cast<std::uint8_t>(mqtt::ConnackCode::server_unavailable) &&
        model_.refused(connection_->number())) {
        tries_again_ = stage_.time() + stage_.chance.delay(kPatience);
        stage_.at(tries_again_, [] {});  // so that time goes on until then
        return;
    }
    if (packet.codes[0] != 0) fail("was refused by CONNACK");
    if (clean_ && packet.session_present) fail("got a session it did not want");
    connected_ = true;
    resumed_ = packet.session_present;
    model_.connack(index_, connection_->number(), packet.session_present);
    session_before_.reset();
    // A lost CONNECT may have made a new session, which "present" then speaks of. No client can
    // tell; ours asks the model, since its repetitions would be new messages there.
    const SessionModel& at_broker = model_.session(index_);
    const bool ours = at_broker.attached == connection_->number();
    if (clean_) {  // What is under way was sent on this connection, and is of no other session.
        session_began_ = ours ? at_broker.began : Time{-2};
        return;
    }
    // Where another of our connections has come after it, what the broker has is not ours to tell.
    if (ours) {
        const bool known = at_broker.began == std::exchange(session_began_, at_broker.began);
        if (!packet.session_present || !known) session_ = {};
    }
    resend();
}

// [MQTT-4.4.0-1], in the order of first sending [MQTT-4.6.0-1].
void Client::resend() {
    for (Outgoing& outgoing : session_.outgoing) {
        if (outgoing.released) {
            send_ack(PacketType::pubrel, outgoing.packet_id);
            continue;
        }
        ++outgoing.message->sends;
        send_publish(outgoing, true);
    }
}

void Client::on_publish(const Packet& packet) {
    if (packet.qos == Qos::at_most_once) return model_.delivered(index_, packet, resumed_);
    const auto known = session_.received.find(packet.packet_id);
    const bool qos1_has_it = unacknowledged_.contains(packet.packet_id);
    const bool qos2_has_it = known != session_.received.end();
    // A repetition has the id of the same message, and so of one at the same QoS.
    const bool may_have_it =
        packet.dup && (packet.qos == Qos::at_least_once ? !qos2_has_it : !qos1_has_it);
    if ((qos1_has_it || qos2_has_it) && !may_have_it) {
        fail("got a message with an id that is in use: " + test::to_text(packet));
    }
    if (packet.qos == Qos::at_least_once) {
        unacknowledged_.insert(packet.packet_id);
        model_.delivered(index_, packet, resumed_);
        check_window();
        return answer(PacketType::puback, packet.packet_id);
    }
    if (known == session_.received.end()) {
        session_.received[packet.packet_id] = packet.payload;
        model_.delivered(index_, packet, resumed_);
    } else if (known->second != packet.payload) {
        fail("got another message as a repetition: " + test::to_text(packet));
    }
    check_window();
    answer(PacketType::pubrec, packet.packet_id);
}

void Client::check_window() const {
    // A retry may cross with our acknowledgement.
    if (broker_.plan().settings.session.retry_interval.count() != 0) return;
    const std::size_t limit = broker_.plan().settings.session.max_inflight;
    if (unacknowledged_.size() + session_.received.size() > limit) {
        fail("got more messages at once than session.max_inflight");
    }
}

void Client::on_publish_acknowledged(const Packet& packet) {
    if (acks_expected_.empty() ||
        acks_expected_.front() != std::pair(packet.type, packet.packet_id)) {
        fail("got " + test::to_text(packet) + " out of the order of its PUBLISHes");
    }
    acks_expected_.pop_front();
    const auto outgoing =
        std::find_if(session_.outgoing.begin(), session_.outgoing.end(),
                     [&](const auto& one) { return one.packet_id == packet.packet_id; });
    model_.acknowledged(*outgoing->message);
    if (packet.type == PacketType::puback) {
        session_.outgoing.erase(outgoing);
        return;
    }
    outgoing->released = true;
    send_ack(PacketType::pubrel, packet.packet_id);
}

void Client::on_pubrel(const Packet& packet) {
    session_.received.erase(packet.packet_id);
    answer(PacketType::pubcomp, packet.packet_id);
}

void Client::on_pubcomp(const Packet& packet) {
    const auto outgoing = std::find_if(
        session_.outgoing.begin(), session_.outgoing.end(),
        [&](const auto& one) { return one.packet_id == packet.packet_id && one.released; });
    if (outgoing == session_.outgoing.end()) fail("got a PUBCOMP without a PUBREL");
    session_.outgoing.erase(outgoing);
}

void Client::on_suback(const Packet& packet) {
    const auto sent = subscribes_.find(packet.packet_id);
    if (sent == subscribes_.end()) fail("got a SUBACK without a SUBSCRIBE");
    const bool as_wished = sent->second.codes == packet.codes;
    const bool refused = std::all_of(packet.codes.begin(), packet.codes.end(),
                                     [](const auto code) { return code == mqtt::kSubackFailure; });
    if (!as_wished && (!refused || packet.codes.size() != sent->second.codes.size())) {
        fail("got wrong codes: " + test::to_text(packet));
    }
    check_refused(sent->second, refused);
    Subscriptions& subscriptions = model_.subscriptions(index_);
    if (refused) {
        subscriptions.refused(sent->second.entries);
    } else {
        subscriptions.acknowledged(sent->second.entries, stage_.time());
    }
    subscribes_.erase(sent);
}

// A failing store cannot keep a subscription.
void Client::check_refused(const SubscribeSent& sent, bool refused) const {
    const core::ShardIndex home = broker_.home_of(id_);
    const bool changed = broker_.failing_changed(home) >= sent.at;
    const bool failing = broker_.failing(home) && !clean_;
    if (refused && !sent.entries.empty() && !failing && (clean_ || !changed)) {
        fail("had a SUBSCRIBE refused though nothing fails");
    }
    if (!refused && failing && !changed) fail("got a subscription that cannot be kept");
}

void Client::on_unsuback(const Packet& packet) {
    const auto sent = unsubscribes_.find(packet.packet_id);
    if (sent == unsubscribes_.end()) fail("got an UNSUBACK without an UNSUBSCRIBE");
    model_.subscriptions(index_).unsubscribed(sent->second, stage_.time());
    unsubscribes_.erase(sent);
}

void Client::answer(PacketType type, mqtt::PacketId packet_id) {
    const mqtt::Ack ack{type, packet_id};
    if (!acknowledges_) {
        const auto same = std::find(acks_waiting_.begin(), acks_waiting_.end(), ack);
        if (same == acks_waiting_.end()) acks_waiting_.push_back(ack);
        return;
    }
    if (type == PacketType::puback) unacknowledged_.erase(packet_id);
    send_ack(type, packet_id);
}

void Client::send_ack(PacketType type, mqtt::PacketId packet_id) {
    std::vector<std::byte> bytes;
    mqtt::append_ack(bytes, {type, packet_id});
    connection_->write(bytes);
}

}  // namespace godwit::simulation
