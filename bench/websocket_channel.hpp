// MQTT over WebSocket on the client's side: the upgrade, then one binary frame for each packet.
// Stands on a socket or on TLS. RFC 6455; MQTT 3.1.1, 6.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "byte_buffer.hpp"
#include "channel.hpp"
#include "websocket_frames.hpp"

namespace godwit::bench {

class WebSocketChannel final : public Channel {
public:
    WebSocketChannel(std::unique_ptr<Channel> lower, std::string path);

    // An answer that is no upgrade to MQTT ends the program with ExitCode::setup.
    void open(int descriptor) override;
    void close() override;
    void end() override { lower_->end(); }
    bool ready() const override { return step_ == Step::open; }
    ssize_t receive(std::span<std::uint8_t> room) override;
    ssize_t send(std::span<const std::uint8_t> bytes) override;

private:
    enum class Step { lower_opening, upgrading, open };

    ssize_t upgrade();
    void append_request();
    void check_response();
    ssize_t receive_data(std::span<std::uint8_t> room);
    void answer_control_frames();
    void append_packets(std::span<const std::uint8_t> bytes);
    void append_frame(Opcode opcode, std::span<const std::uint8_t> payload);
    bool flush();

    std::unique_ptr<Channel> lower_;
    std::string path_;
    Step step_ = Step::lower_opening;
    std::string response_;
    FrameReader frames_;
    ByteBuffer unsent_;
    std::size_t framed_ = 0;  // Bytes of packets whose frames are in unsent_.
    std::uint32_t mask_;
};

}  // namespace godwit::bench
