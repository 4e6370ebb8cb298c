// A connection that is not a client's yet, on the loop it was dealt to: its CONNECT is read, and
// its authenticator asked. It ends in a Handover to the client's home loop, or in a refusal.
#pragma once

#include <memory>
#include <string>

#include "godwit/core/arrival.hpp"
#include "godwit/core/authenticator.hpp"
#include "godwit/mqtt/decoder.hpp"
#include "handshakes.hpp"
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

class Newcomer final : public Peer, private Handshakes::Waiter {
public:
    Newcomer(Worker& worker, Accepted accepted);
    ~Newcomer() override;

    void start();  // once, when the worker has it

    void on_ready(Ready ready) override;
    void on_timer() override;  // mqtt.connect_timeout
    void on_stop() override;
    void on_rules() override;

    void on_verdict(core::Verdict verdict);

private:
    void on_room() override;
    [[nodiscard]] bool begin_tls();
    void take(Ready ready);

    void take_proxy_header();
    void settle_address();
    void refuse(const core::Refusal& refusal, std::string_view client_id = {});
    void on_bytes(mqtt::Bytes bytes);
    void authenticate(const mqtt::Connect& connect);
    void enter(const mqtt::Connect& connect, core::Identity identity, mqtt::Bytes unread);
    [[nodiscard]] std::string address_text() const;
    [[nodiscard]] std::string host() const;
    void receive();
    void update_interest();
    void fail();
    [[nodiscard]] bool reads() const { return !gone() && question_ == 0; }

    Address address_;  // the client's once it is settled, until then that of who connected
    std::unique_ptr<ProxyHeader> proxy_header_;  // while it is awaited
    bool watched_write_ = false;
    std::uint64_t question_ = 0;  // to the authenticator; 0: not asked yet
};

}  // namespace godwit::net
