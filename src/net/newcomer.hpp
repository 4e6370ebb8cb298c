// A connection that has not sent its CONNECT yet, on the loop it was dealt to. It ends in a
// Handover to the client's home loop, or in a refusal.
#pragma once

#include <string>

#include "godwit/core/arrival.hpp"
#include "godwit/mqtt/decoder.hpp"
#include "peer.hpp"

namespace godwit::net {

// A connection as it comes from a listener.
struct Accepted {
    Stream stream;
    Address address;
};

// A connection on its way to its client's home loop: all there is of it.
struct Handover {
    Stream stream;
    core::Arrival arrival;
    std::vector<std::byte> unread;  // behind the CONNECT
};

class Newcomer final : public Peer {
public:
    Newcomer(Worker& worker, Accepted accepted);

    void on_ready(Ready ready) override;
    void on_timer() override;  // mqtt.connect_timeout
    void on_stop() override;

private:
    void refuse(const core::Refusal& refusal, std::string_view client_id = {});
    void on_bytes(mqtt::Bytes bytes);
    void on_connect(const mqtt::Connect& connect, mqtt::Bytes unread);
    [[nodiscard]] std::string address_text() const;

    Address address_;
};

}  // namespace godwit::net
