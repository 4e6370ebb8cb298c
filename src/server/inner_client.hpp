// A client inside the process: it speaks MQTT with its shard as any other does, without a network
// between them. It subscribes to one filter and acknowledges what comes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "broker.hpp"
#include "godwit/admin/node.hpp"
#include "godwit/mqtt/decoder.hpp"

namespace godwit::server {

class InnerClient final : public std::enable_shared_from_this<InnerClient>, core::Link {
public:
    // On the thread of its home shard, as all calls. The last reference goes there too, since what
    // is in the outbox belongs to the shard.
    InnerClient(Broker& broker, core::Shard& shard, admin::Receiver receiver);

    void connect(const std::string& client_id, const std::string& filter, mqtt::Qos qos,
                 const core::Now& now);
    void disconnect(const core::Now& now);

private:
    // What the core asks for.
    void close(core::CloseReason reason) override;
    void resume() override;
    void request_flush() override { wake_soon(); }

    void wake_soon();
    void wake(const core::Now& now);
    void read();
    void take(const mqtt::Frame& frame);
    void send(const core::Now& now);

    Broker& broker_;
    core::Shard& shard_;
    const admin::Receiver receiver_;
    core::ConnectionHandle handle_;
    std::vector<std::byte> in_;   // from the broker, not yet a whole packet
    std::vector<std::byte> out_;  // to it, not yet taken
    bool closed_ = false;
    bool paused_ = false;  // the broker takes nothing just now
    bool woken_ = false;
};

}  // namespace godwit::server
