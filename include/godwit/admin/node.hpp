// The daemon as its admin interface sees it: what may be asked, and what may be done. The server
// implements it; the admin layer knows nothing else of the broker.
//
// All calls come from the admin thread and return at once. Where a call takes a Then, that is
// called once with the outcome, on any thread, possibly before the call returns; while the daemon
// stops it may be dropped uncalled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/admin/totals.hpp"
#include "godwit/core/inspection.hpp"
#include "godwit/core/time.hpp"
#include "godwit/mqtt/packet.hpp"

namespace godwit::admin {

template <typename Outcome>
using Then = std::function<void(Outcome)>;

struct ListenerView {
    std::string name;
    std::string address;    // with its real port
    std::string transport;  // tcp | websocket
    bool tls = false;
};

struct NodeView {
    std::string name;
    std::string version;
    core::WallTime started_at;
    core::Duration uptime{};
    std::size_t threads = 0;
    std::vector<ListenerView> listeners;
    std::string configuration;  // JSON: what is in force, without secrets
};

enum class Readiness : std::uint8_t { starting, ready, stopping, store_failing };

struct Publication {
    std::string topic;  // a valid topic name
    std::vector<std::byte> payload;
    mqtt::Qos qos = mqtt::Qos::at_most_once;
    bool retain = false;
};

struct ReceivedMessage {
    std::string topic;
    std::vector<std::byte> payload;
    mqtt::Qos qos = mqtt::Qos::at_most_once;
    bool retain = false;
};

// Who gets the messages of a subscription. Called on any thread; must be quick and never block.
struct Receiver {
    std::function<void(ReceivedMessage)> receive;
    std::function<void(std::string_view reason)> ended;  // not by its handle
};

// A subscription of the admin interface's own. It ends with its handle, or before it where its
// client's connection is closed, as a kick does.
class Tap {
public:
    virtual ~Tap() = default;
};

// Something happened. Called on any thread; must be quick and never block.
struct Witness {
    std::function<void(std::string_view client_id, const std::optional<std::string>& user_name,
                       std::string_view address)>
        client_connected;
    std::function<void(std::string_view client_id, std::string_view address,
                       std::string_view reason)>
        client_disconnected;
    std::function<void(std::string_view line)> logged;
};

class Node {
public:
    [[nodiscard]] virtual NodeView about() const = 0;
    [[nodiscard]] virtual Readiness readiness() const = 0;
    [[nodiscard]] virtual Totals totals() const = 0;

    // Pages have at most `limit` items. A cursor that did not come from the same list gives an
    // empty optional.
    virtual void sessions(const core::SessionQuery& query, std::string_view cursor,
                          std::size_t limit,
                          Then<std::optional<core::Page<core::SessionView>>> then) = 0;
    virtual void session(std::string_view client_id,
                         Then<std::optional<core::SessionDetail>> then) = 0;
    // False: there is none. `with_session`: a persistent session ends too.
    virtual void kick(std::string_view client_id, bool with_session, Then<bool> then) = 0;
    virtual void subscriptions(const core::SubscriptionQuery& query, std::string_view cursor,
                               std::size_t limit,
                               Then<std::optional<core::Page<core::SubscriptionView>>> then) = 0;
    // With all members of a group together, ordered by filter and name.
    virtual void groups(std::string_view cursor, std::size_t limit,
                        Then<std::optional<core::Page<core::GroupView>>> then) = 0;
    virtual void explain(std::string_view client_id, std::string_view topic,
                         Then<std::optional<core::Explanation>> then) = 0;
    // Of each payload at most so many bytes.
    virtual void retained(std::string_view filter, std::string_view cursor, std::size_t limit,
                          std::size_t payload_max,
                          Then<std::optional<core::Page<core::RetainedView>>> then) = 0;
    virtual void retained_value(std::string_view topic,
                                Then<std::optional<core::RetainedView>> then) = 0;
    // False: there was none.
    virtual void clear_retained(std::string_view topic, Then<bool> then) = 0;

    // The number of clients it goes to.
    virtual void publish(Publication publication, Then<std::size_t> then) = 0;
    // What is wrong with the new configuration; empty when it is in force.
    virtual void reload(Then<std::string> then) = 0;

    // Null where the filter is none.
    [[nodiscard]] virtual std::unique_ptr<Tap> subscribe(std::string_view filter, mqtt::Qos qos,
                                                         Receiver receiver) = 0;
    // From now on; replaces an earlier one. After it was taken back by an empty one no call runs.
    virtual void watch(Witness witness) = 0;

protected:
    ~Node() = default;
};

}  // namespace godwit::admin
