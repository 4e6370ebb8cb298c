// The plain reference: what clients were promised, in the simplest words, kept apart from how the
// core does it. It is told what clients send and receive and when connections come and go at the
// broker; it throws Broken where a promise is.
//
// Bytes take their time, so of much the model knows only a span: a message is routed between its
// PUBLISH and its acknowledgement, a subscription begins between SUBSCRIBE and SUBACK. Where spans
// overlap either outcome is right; where they do not, only one is.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "connection.hpp"
#include "godwit/core/events.hpp"
#include "messages.hpp"
#include "plan.hpp"
#include "retained_model.hpp"
#include "server_packet.hpp"
#include "stage.hpp"
#include "subscriptions.hpp"

namespace godwit::simulation {

// What the broker owes to one client id.
// A session that has ended, unless a crash takes that back.
struct FormerSession {
    Time began{0};
    Time ended{0};
    std::uint64_t number_before = 0;
    std::set<std::uint64_t> connections;
};

struct SessionModel {
    Subscriptions subscriptions;
    bool exists = false;
    bool clean = true;
    std::uint64_t attached = 0;           // number of the connection, 0: none
    std::set<std::uint64_t> connections;  // it has had
    Time began{0};
    Time absent_since{0};
    Time absent_earliest{0};            // where a crash leaves it open
    Time absent_for_certain{0};         // when the last accepted connection ended
    Time expires_after{0};              // a restart gives it some time
    std::vector<FormerSession> former;  // persistent ones, since the last rest
    bool present_expected = false;      // by the latest CONNECT
    std::uint64_t number_before = 0;    // of the store, when it began
    Message* will = nullptr;            // of the attached connection
    // Last delivered, by publisher, topic and QoS.
    std::map<std::tuple<std::size_t, std::string, mqtt::Qos>, const Message*> last;
};

class Model final : public Witness, public core::Events {
public:
    Model(Stage& stage, const Plan& plan);

    [[nodiscard]] SessionModel& session(std::size_t client) { return sessions_[client]; }
    [[nodiscard]] Subscriptions& subscriptions(std::size_t client) {
        return sessions_[client].subscriptions;
    }

    // What clients do.
    Message& publish(std::size_t client, std::uint64_t connection, const std::string& topic,
                     mqtt::Qos qos, bool retain, bool clears);
    Message& make_will(std::size_t client, std::uint64_t connection, const std::string& topic,
                       mqtt::Qos qos, bool retain);
    void acknowledged(Message& message);

    // A PUBLISH arrived at a client that is no repetition of a QoS 2 message it has.
    // `resumed`: its connection continues a session.
    void delivered(std::size_t client, const test::Packet& packet, bool resumed);
    void connack(std::size_t client, std::uint64_t connection, bool session_present);

    // The connection was refused, since it needs the store, which cannot write.
    [[nodiscard]] bool refused(std::uint64_t connection) const {
        return refused_.contains(connection);
    }

    // Wills of accepted connections that are not over.
    [[nodiscard]] std::size_t wills_armed() const;

    // Everybody is connected and has all: nothing may be missing.
    void check_rest(const Broker& broker);

    // The broker is about to stop: all wills are due.
    void stopping();

    // The broker's process has died, with all connections; what it will come back with is on the
    // disk.
    void crashed(Time last_fault_ends);
    // It is back, and what the last life owed is placed.
    void restarted();
    // Null where nothing is kept.
    void set_disk(const store::MemoryDisk* disk) { disk_ = disk; }

    // What the broker does.
    void connecting(Connection& connection, bool store_failing) override;
    void arrived(Connection& connection, bool store_failing) override;
    void ended(Connection& connection, core::CloseReason reason, bool disconnect_taken) override;
    void client_connected(const core::Arrival& arrival, bool session_present) override;
    void client_disconnected(std::string_view client_id, std::string_view address,
                             core::CloseReason reason, std::string_view detail) override;
    void connection_refused(std::string_view client_id, std::string_view address,
                            core::CloseReason reason, std::string_view detail) override;
    void takeovers_refused(std::string_view client_id, std::string_view holder_address,
                           std::string_view newcomer_address) override;
    void session_expired(std::string_view client_id) override;
    void messages_dropped(std::string_view client_id, core::DropReason reason,
                          std::uint64_t count) override;

    [[nodiscard]] static std::string client_id(std::size_t client) { return cat("c", client); }
    [[nodiscard]] static std::size_t client_of(std::string_view client_id);

private:
    void check_live(std::size_t client, Message& message, const test::Packet& packet, bool resumed);
    void check_order(std::size_t client, const Message& message, const test::Packet& packet);
    void end_session(SessionModel& session);
    void compare_with_disk(std::size_t client, Time last_fault_ends);
    [[nodiscard]] bool is_stored(const Message& will) const;
    void bring_back(SessionModel& session, core::Incarnation incarnation);

    struct Missing {
        std::uint64_t ordinary = 0;
        std::uint64_t own = 0;  // of the publisher itself
        std::uint64_t group = 0;
        std::string example;
    };
    void find_missing(const Message& message, Missing& missing) const;
    void find_missing_in_groups(const Message& message, Missing& missing) const;

    Stage& stage_;
    const Plan& plan_;
    std::vector<SessionModel> sessions_;
    std::deque<Message> messages_;  // by number
    RetainedModel retained_;
    std::map<std::uint64_t, Message*> wills_;  // by connection
    std::map<std::uint64_t, bool> accepted_;   // connections that got their CONNACK at the broker
    std::set<std::uint64_t> refused_;          // connections
    std::vector<Message*> discarded_wills_;    // by DISCONNECT, since the last rest
    std::vector<Message*> unstored_wills_;     // accepted while the store was failing
    const store::MemoryDisk* disk_ = nullptr;
    bool crashed_ = false;
    Time last_crash_{0};
    // Counted at the last rest.
    std::uint64_t queue_full_ = 0;
    std::uint64_t self_full_ = 0;
    std::uint64_t group_losses_ = 0;
};

}  // namespace godwit::simulation
