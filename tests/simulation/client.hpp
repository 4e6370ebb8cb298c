// A client that keeps the protocol: it speaks bytes, remembers what a session has to remember,
// repeats what was not acknowledged when it comes back, and tells the model all it does and gets.
// What it breaks off, and when, the workload decides.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "connection.hpp"
#include "model.hpp"
#include "server_packet.hpp"

namespace godwit::simulation {

struct SubscribeWish {
    std::string filter;
    mqtt::Qos qos = mqtt::Qos::at_most_once;
};

class Client final : public Endpoint {
public:
    Client(Stage& stage, Broker& broker, Model& model, std::size_t index);

    [[nodiscard]] std::size_t index() const { return index_; }
    [[nodiscard]] const std::string& id() const { return id_; }

    struct WillWish {
        std::string topic;
        mqtt::Qos qos = mqtt::Qos::at_most_once;
        bool retain = false;
    };
    // Opens a connection; one that is open is left behind without a word.
    void connect(bool clean_session, const std::optional<WillWish>& will);
    Message& publish(const std::string& topic, mqtt::Qos qos, bool retain, std::size_t size,
                     bool must_arrive = false);
    void subscribe(const std::vector<SubscribeWish>& wishes);
    void unsubscribe(const std::vector<std::string>& filters);
    void ping();
    void disconnect();
    void cut(core::CloseReason reason, Time noticed_after);
    void read(bool reading);
    void broker_died();
    void acknowledge(bool at_once);  // false: PUBACK, PUBREC and PUBCOMP wait

    [[nodiscard]] bool open() const { return connection_ != nullptr; }
    // The broker has refused it, and it will not try again yet.
    [[nodiscard]] bool waits() const { return stage_.time() < tries_again_; }
    [[nodiscard]] Time tries_again() const { return tries_again_; }
    [[nodiscard]] bool connected() const { return connected_; }  // CONNACK is there
    // Whether another QoS 1 or 2 message may be sent.
    [[nodiscard]] bool may_publish(mqtt::Qos qos) const;
    // Nothing is owed in either direction, nothing is on the wire.
    [[nodiscard]] bool at_rest() const;
    [[nodiscard]] bool awaits_suback() const { return !subscribes_.empty(); }
    [[nodiscard]] std::string restless() const;  // what it waits for

    void on_bytes(mqtt::Bytes bytes) override;
    void on_end() override;

private:
    // A QoS 1 or 2 message of ours that is under way.
    struct Outgoing {
        Message* message;
        mqtt::PacketId packet_id;
        std::vector<std::byte> payload;
        std::string topic;  // as it is sent, prefixes included
        bool retain = false;
        bool released = false;  // PUBREC came, PUBREL was sent
    };

    struct SubscribeSent {
        Time at{0};
        std::vector<std::size_t> entries;  // of the model
        std::vector<std::uint8_t> codes;   // as they are where nothing fails
    };

    void take(const test::Packet& packet);
    void on_connack(const test::Packet& packet);
    void on_publish(const test::Packet& packet);
    void on_publish_acknowledged(const test::Packet& packet);
    void on_pubrel(const test::Packet& packet);
    void on_pubcomp(const test::Packet& packet);
    void on_suback(const test::Packet& packet);
    void on_unsuback(const test::Packet& packet);

    void check_refused(const SubscribeSent& sent, bool refused) const;
    void check_window() const;
    void resend();
    void send_publish(const Outgoing& outgoing, bool dup);
    void send_ack(mqtt::PacketType type, mqtt::PacketId packet_id);
    void answer(mqtt::PacketType type, mqtt::PacketId packet_id);
    void turn_away();  // from the connection
    [[nodiscard]] mqtt::PacketId next_id();
    [[noreturn]] void fail(const std::string& what) const;

    Stage& stage_;
    Broker& broker_;
    Model& model_;
    const std::size_t index_;
    const std::string id_;

    struct Memory {
        std::deque<Outgoing> outgoing;                   // in the order of first sending
        std::map<mqtt::PacketId, std::string> received;  // QoS 2, not released: payloads by id
    };

    Memory session_;
    Time session_began_{-1};
    // While a clean CONNECT is unanswered: what is still true if it never arrives.
    std::optional<Memory> session_before_;
    mqtt::PacketId last_id_ = 0;
    Time tries_again_{0};

    // Of the connection.
    std::vector<std::unique_ptr<Connection>> connections_;  // all there were
    Connection* connection_ = nullptr;
    bool connected_ = false;
    bool resumed_ = false;
    bool clean_ = true;
    std::vector<std::byte> in_;
    std::deque<std::pair<mqtt::PacketType, mqtt::PacketId>> acks_expected_;
    std::set<mqtt::PacketId> unacknowledged_;  // QoS 1 that we got and have not acknowledged
    std::map<mqtt::PacketId, SubscribeSent> subscribes_;
    std::map<mqtt::PacketId, std::vector<std::size_t>> unsubscribes_;
    unsigned pings_ = 0;
    bool acknowledges_ = true;
    std::vector<mqtt::Ack> acks_waiting_;
};

}  // namespace godwit::simulation
