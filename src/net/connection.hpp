// A client's network connection once its CONNECT was admitted, on its home loop: bytes from the
// socket to the shard, and from the outbox to the socket.
#pragma once

#include "godwit/core/arrival.hpp"
#include "godwit/core/handle.hpp"
#include "godwit/core/link.hpp"
#include "newcomer.hpp"
#include "peer.hpp"

namespace godwit::net {

class Connection final : public Peer, public core::Link {
public:
    // `vouched`: an authenticator knows who it is.
    Connection(Worker& worker, Stream stream, std::uint16_t keep_alive_s, bool vouched);

    // Introduces the client to the shard, which takes the unread bytes before the poller brings
    // more. Called once.
    void start(core::Arrival arrival, mqtt::Bytes unread);

    void close(core::CloseReason reason) override;
    void resume() override;

    void on_ready(Ready ready) override;
    void on_timer() override;
    void on_rules() override;

    // For the worker, at the end of a turn.
    void flush();
    void continue_reading();  // after resume()

private:
    enum class Phase : std::uint8_t {
        open,
        closing,  // the core has let go; what is in the outbox is still sent
        gone,
    };

    void request_flush() override;

    void receive();
    void feed(mqtt::Bytes bytes);
    void send();
    void sent_all();
    void send_blocked();
    void push();
    void lose(core::CloseReason reason, std::string_view detail = {});
    void end();
    void fail();
    void update_interest();
    [[nodiscard]] bool wants_to_read() const;
    [[nodiscard]] core::SteadyTime keep_alive_deadline() const;

    core::ConnectionHandle handle_;
    core::SteadyTime last_read_;
    std::uint16_t keep_alive_s_;
    const bool vouched_;
    Phase phase_ = Phase::open;
    core::CloseReason reason_{};  // since `closing`
    bool paused_ = false;         // the shard wants no more bytes until it resumes
    bool blocked_ = false;        // the socket takes no more bytes until it is ready again
    bool watched_read_ = false;   // what the poller is asked for
    bool watched_write_ = false;
};

}  // namespace godwit::net
