// The core in a test: N shards in one thread, clients that speak bytes, mail carried at once, time
// as a variable. After every call of a client everything runs until it is quiet.
//
//     Harness broker{settings, 2};
//     Client& a = broker.connect({.client_id = "a"});
//     a.subscribe("x/#", Qos::at_least_once);
//     broker.connect({.client_id = "b"}).publish("x/y", "hello", Qos::at_least_once);
//     EXPECT_THAT(a.texts(), ElementsAre("CONNACK 0", "SUBACK 1 [1]", "PUBLISH x/y q1 #1 hello"));
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "fake_ports.hpp"
#include "godwit/core/shard.hpp"
#include "godwit/mqtt/decoder.hpp"
#include "godwit/mqtt/encoder.hpp"
#include "server_packet.hpp"

namespace godwit::test {

struct WillOptions {
    std::string topic;
    std::string payload;
    Qos qos = Qos::at_most_once;
    bool retain = false;
};

struct ConnectOptions {
    std::string client_id;
    bool clean_session = true;
    std::uint16_t keep_alive = 0;
    std::optional<WillOptions> will;
    std::optional<std::string> user_name;
    mqtt::ProtocolLevel level = mqtt::ProtocolLevel::mqtt311;
    std::string mount_point;  // of its listener
    std::string address = "address";
    bool superuser = false;
    bool acknowledges = true;  // answers PUBLISH, PUBREC and PUBREL by itself
};

struct PublishOptions {
    bool retain = false;
    bool dup = false;
    mqtt::PacketId packet_id = 0;  // 0: the next one of its own
};

class Harness;

// One network connection of a client. Lives as long as its harness.
class Client final : public core::Link {
public:
    bool acknowledges = true;
    bool reads = true;  // false: what the broker sends stays in its outbox

    void publish(std::string_view topic, std::string_view payload, Qos qos = Qos::at_most_once,
                 PublishOptions options = {});
    void subscribe(std::string_view filter, Qos qos = Qos::at_most_once);
    void subscribe(const std::vector<mqtt::SubscribeRequest>& requests);
    void unsubscribe(std::string_view filter);
    void ack(PacketType type, mqtt::PacketId packet_id);
    void ping();
    void disconnect();  // DISCONNECT
    void send(mqtt::Bytes bytes);
    // The network ends the connection without DISCONNECT.
    void drop(core::CloseReason reason = core::CloseReason::peer_closed);

    // What the broker sent since the start or forget().
    [[nodiscard]] const std::vector<Packet>& received() const { return received_; }
    [[nodiscard]] std::vector<Packet> messages() const;  // of these, the PUBLISHes
    [[nodiscard]] std::vector<std::string> texts() const;
    [[nodiscard]] std::vector<std::string> payloads() const;
    void forget() { received_.clear(); }

    // Why the broker ended the connection; nothing while it has not.
    [[nodiscard]] const std::optional<core::CloseReason>& closed() const { return closed_; }

private:
    friend class Harness;
    Client(Harness& harness, core::Shard& shard)
        : Link(shard.chunks()), harness_(harness), shard_(shard) {}

    // What the core asks for.
    void close(core::CloseReason reason) override;
    void resume() override { resumed_ = true; }
    void request_flush() override {}

    [[nodiscard]] bool open() const { return !closed_ && !gone_; }
    // Reads, answers, writes; false when there was nothing to do.
    bool step();
    bool read();
    void answer(const Packet& packet);
    [[nodiscard]] mqtt::PacketId next_id() { return ++last_id_; }

    Harness& harness_;
    core::Shard& shard_;
    core::ConnectionHandle handle_;
    std::vector<std::byte> out_;  // not yet taken by the broker
    std::vector<std::byte> in_;   // of the broker, not yet a whole packet
    std::vector<Packet> received_;
    std::deque<Packet> to_answer_;
    std::optional<core::CloseReason> closed_;
    bool paused_ = false;
    bool resumed_ = false;
    bool gone_ = false;
    mqtt::PacketId last_id_ = 0;
};

class Harness {
public:
    enum class Keeps { nothing, state };  // state: acknowledgements wait for commits

    explicit Harness(core::Settings given = {}, std::size_t shards = 1,
                     Keeps keeps = Keeps::nothing);
    ~Harness() { clients_.clear(); }  // their outboxes give chunks back to the shards
    Harness(const Harness&) = delete;
    Harness& operator=(const Harness&) = delete;

    core::Settings settings;
    FakeEvents events;
    FakeAccess access;
    FakeRandom random;
    bool commits_complete = true;  // false: only commit() completes them
    bool mail_arrives = true;      // false: it stays in the inboxes

    // Comes in on shard 0 and goes to the client's home shard, as connections do.
    Client& connect(const ConnectOptions& options);
    // A CONNECT of any bytes. REQUIRES: one that can be decoded.
    Client& connect(mqtt::Bytes packet, std::string mount_point = {}, bool acknowledges = true);

    void run();  // until nothing moves any more
    void advance(core::Duration time);
    // Other rules from now on; they outlive the harness.
    void enforce(core::AccessPolicy& policy);
    // The store cannot write, so that no commit completes; or it can again.
    void set_store_failing(bool failing);
    void commit();  // all commits of all shards that are under way

    [[nodiscard]] core::Shard& shard(std::size_t index = 0) { return *nodes_[index]->shard; }
    [[nodiscard]] FakeStore& store(std::size_t index = 0) { return nodes_[index]->store; }
    [[nodiscard]] std::size_t home_of(std::string_view client_id) const {
        return core::home_shard(client_id, commons_);
    }
    [[nodiscard]] core::RetainedTree& retained() { return retained_; }
    [[nodiscard]] std::uint64_t drops(core::DropReason reason) const;  // on all shards

    core::Now now{core::SteadyTime{} + std::chrono::hours{1},
                  core::WallTime{} + std::chrono::hours{24 * 365 * 50}};

private:
    struct Letter {
        core::ShardIndex from;
        core::Mail mail;
    };
    struct Node final : core::Mailer {
        Node(Harness& owner, core::ShardIndex shard_index, bool keeps)
            : harness(owner), index(shard_index), store(keeps) {}

        bool take_credit(core::ShardIndex, std::size_t) override { return true; }
        void return_credit(core::ShardIndex, std::size_t) override {}
        void send(core::ShardIndex to, core::Mail mail, std::size_t) override {
            harness.nodes_[to]->inbox.push_back({index, std::move(mail)});
        }

        Harness& harness;
        core::ShardIndex index;
        FakeStore store;
        std::deque<Letter> inbox;
        std::unique_ptr<core::Shard> shard;
    };

    bool turn(Node& node);
    Client& enter(mqtt::Bytes packet, core::Identity identity, core::Origin origin,
                  bool acknowledges);

    Credulous authenticator_;
    core::Reclaimer reclaimer_;
    core::RetainedTree retained_;
    core::Router router_;
    core::Commons commons_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::vector<std::unique_ptr<Client>> clients_;
};

// --- Client ------------------------------------------------------------------------------------

inline void Client::send(mqtt::Bytes bytes) {
    out_.insert(out_.end(), bytes.begin(), bytes.end());
    harness_.run();
}

inline void Client::publish(std::string_view topic, std::string_view payload, Qos qos,
                            PublishOptions options) {
    mqtt::Publish publish{.topic = topic,
                          .payload = as_bytes(payload),
                          .qos = qos,
                          .retain = options.retain,
                          .dup = options.dup};
    if (qos != Qos::at_most_once) {
        publish.packet_id = options.packet_id != 0 ? options.packet_id : next_id();
    }
    std::vector<std::byte> bytes;
    mqtt::append_publish(bytes, publish);
    send(bytes);
}

inline void Client::subscribe(std::string_view filter, Qos qos) {
    subscribe({{filter, qos}});
}

inline void Client::subscribe(const std::vector<mqtt::SubscribeRequest>& requests) {
    std::vector<std::byte> bytes;
    mqtt::append_subscribe(bytes, {next_id(), requests});
    send(bytes);
}

inline void Client::unsubscribe(std::string_view filter) {
    std::vector<std::byte> bytes;
    mqtt::append_unsubscribe(bytes, {next_id(), {filter}});
    send(bytes);
}

inline void Client::ack(PacketType type, mqtt::PacketId packet_id) {
    std::vector<std::byte> bytes;
    mqtt::append_ack(bytes, {type, packet_id});
    send(bytes);
}

inline void Client::ping() {
    std::vector<std::byte> bytes;
    mqtt::append_pingreq(bytes);
    send(bytes);
}

inline void Client::disconnect() {
    std::vector<std::byte> bytes;
    mqtt::append_disconnect(bytes);
    send(bytes);
}

inline void Client::drop(core::CloseReason reason) {
    if (!open()) return;
    gone_ = true;
    outbox().clear();
    shard_.on_disconnect(handle_, reason, "", harness_.now);
    harness_.run();
}

inline std::vector<Packet> Client::messages() const {
    std::vector<Packet> messages;
    for (const Packet& packet : received_) {
        if (packet.type == PacketType::publish) messages.push_back(packet);
    }
    return messages;
}

inline std::vector<std::string> Client::texts() const {
    std::vector<std::string> texts;
    for (const Packet& packet : received_)
        texts.push_back(to_text(packet));
    return texts;
}

inline std::vector<std::string> Client::payloads() const {
    std::vector<std::string> payloads;
    for (const Packet& packet : messages())
        payloads.push_back(packet.payload);
    return payloads;
}

inline void Client::close(core::CloseReason reason) {
    closed_ = reason;
    reads = true;
    read();
}

inline bool Client::read() {
    if (!reads) return false;
    flush_begins();
    bool some = false;
    mqtt::Bytes piece;
    while (outbox().gather(std::span(&piece, 1)) != 0) {
        in_.insert(in_.end(), piece.begin(), piece.end());
        outbox().consume(piece.size());
        some = true;
    }
    while (auto packet = take_packet(in_)) {
        to_answer_.push_back(*packet);
        received_.push_back(std::move(*packet));
    }
    return some;
}

inline bool Client::step() {
    if (!open()) return false;
    bool moved = read();
    if (reads && take_drained_wanted()) {
        shard_.on_drained(handle_, harness_.now);
        moved = true;
    }
    while (!to_answer_.empty()) {
        if (acknowledges) answer(to_answer_.front());
        to_answer_.pop_front();
    }
    if (std::exchange(resumed_, false)) paused_ = false;
    if (out_.empty() || paused_) return moved;
    const std::vector<std::byte> bytes = std::exchange(out_, {});
    const core::Intake intake = shard_.on_bytes(handle_, bytes, harness_.now);
    paused_ = intake.paused;
    out_.assign(bytes.begin() + static_cast<std::ptrdiff_t>(intake.consumed), bytes.end());
    return moved || intake.consumed != 0;
}

inline void Client::answer(const Packet& packet) {
    const auto reply = [&](PacketType type) { mqtt::append_ack(out_, {type, packet.packet_id}); };
    switch (packet.type) {
        case PacketType::publish:
            if (packet.qos == Qos::at_least_once) reply(PacketType::puback);
            if (packet.qos == Qos::exactly_once) reply(PacketType::pubrec);
            break;
        case PacketType::pubrec: reply(PacketType::pubrel); break;
        case PacketType::pubrel: reply(PacketType::pubcomp); break;
        default: break;
    }
}

// --- Harness -----------------------------------------------------------------------------------

inline Harness::Harness(core::Settings given, std::size_t shards, Keeps keeps)
    : settings(std::move(given)),
      reclaimer_(shards),
      retained_(reclaimer_),
      router_(reclaimer_),
      commons_{shards, 0, settings, router_, retained_, reclaimer_, events, access} {
    for (std::size_t i = 0; i < shards; ++i) {
        const auto index = static_cast<core::ShardIndex>(i);
        nodes_.push_back(std::make_unique<Node>(*this, index, keeps == Keeps::state));
        Node& node = *nodes_.back();
        node.shard = std::make_unique<core::Shard>(index, commons_, node.store, node, random);
        reclaimer_.wake(index);
    }
}

inline Client& Harness::connect(const ConnectOptions& options) {
    mqtt::Connect connect{.level = options.level,
                          .clean_session = options.clean_session,
                          .keep_alive = options.keep_alive,
                          .client_id = options.client_id};
    if (options.will) {
        connect.will = {options.will->topic, as_bytes(options.will->payload), options.will->qos,
                        options.will->retain};
    }
    if (options.user_name) connect.user_name = *options.user_name;
    std::vector<std::byte> packet;
    mqtt::append_connect(packet, connect);
    return enter(packet, {options.user_name, options.superuser},
                 {options.address, options.mount_point}, options.acknowledges);
}

// Taken at its word.
inline core::Identity identity_of(const mqtt::Connect& connect) {
    core::Identity identity;
    if (connect.user_name) identity.user_name = *connect.user_name;
    return identity;
}

inline Client& Harness::connect(mqtt::Bytes packet, std::string mount_point, bool acknowledges) {
    const auto frame = mqtt::next_frame(packet, settings.mqtt.max_packet_size);
    const auto connect = mqtt::decode_connect(*frame.value(), settings.mqtt.mqtt31);
    return enter(packet, identity_of(connect.value()), {"address", std::move(mount_point)},
                 acknowledges);
}

inline Client& Harness::enter(mqtt::Bytes packet, core::Identity identity, core::Origin origin,
                              bool acknowledges) {
    const auto frame = mqtt::next_frame(packet, settings.mqtt.max_packet_size);
    const auto connect = mqtt::decode_connect(*frame.value(), settings.mqtt.mqtt31);
    auto verdict = shard(0).admit(connect.value(), std::move(identity), std::move(origin));
    auto* arrival = std::get_if<core::Arrival>(&verdict);
    core::Shard& home = shard(arrival != nullptr ? home_of(arrival->client_id) : 0);
    clients_.push_back(std::unique_ptr<Client>(new Client(*this, home)));
    Client& client = *clients_.back();
    client.acknowledges = acknowledges;
    if (arrival != nullptr) {
        client.handle_ = home.on_connect(std::move(*arrival), client, now);
    } else {
        const auto& refusal = std::get<core::Refusal>(verdict);
        if (refusal.connack) {
            client.outbox().append(mqtt::encode_connack({.code = *refusal.connack}));
        }
        static_cast<core::Link&>(client).close(refusal.reason);
    }
    run();
    return client;
}

inline void Harness::run() {
    // The end of a turn may answer clients, and leave work to the next one.
    for (int quiet_rounds = 0; quiet_rounds < 2;) {
        bool moved = false;
        for (const auto& client : clients_)
            moved = client->step() || moved;
        for (const auto& node : nodes_)
            moved = turn(*node) || moved;
        quiet_rounds = moved ? 0 : quiet_rounds + 1;
    }
}

inline bool Harness::turn(Node& node) {
    bool moved = false;
    while (mail_arrives && !node.inbox.empty()) {
        Letter letter = std::move(node.inbox.front());
        node.inbox.pop_front();
        node.shard->on_mail(letter.from, std::move(letter.mail), now);
        moved = true;
    }
    const auto due = node.shard->next_deadline();
    if (due && *due <= now.steady) {
        node.shard->tick(now);
        moved = true;
    }
    node.shard->end_turn(now);
    reclaimer_.end_turn(node.index);
    while (commits_complete && !node.store.committing.empty()) {
        const core::CommitId commit = node.store.committing.front();
        node.store.committing.pop_front();
        node.shard->on_commit(commit, now);
        moved = true;
    }
    return moved;
}

inline void Harness::advance(core::Duration time) {
    now.steady += time;
    now.wall += time;
    run();
}

inline void Harness::enforce(core::AccessPolicy& policy) {
    for (const auto& node : nodes_)
        node->shard->enforce(settings, policy, authenticator_, now);
    run();
}

inline void Harness::set_store_failing(bool failing) {
    commits_complete = !failing;
    for (const auto& node : nodes_)
        node->shard->on_store_state(failing, now);
    run();
}

inline void Harness::commit() {
    const bool automatic = std::exchange(commits_complete, true);
    run();
    commits_complete = automatic;
}

inline std::uint64_t Harness::drops(core::DropReason reason) const {
    std::uint64_t count = 0;
    for (const auto& node : nodes_) {
        count += node->shard->counters().messages_dropped[static_cast<std::size_t>(reason)].get();
    }
    return count;
}

}  // namespace godwit::test
