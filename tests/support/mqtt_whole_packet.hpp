// A packet written as in mqtt_vectors.hpp, and the frame that lies in its bytes.
#pragma once

#include <stdexcept>

#include "godwit/mqtt/decoder.hpp"
#include "mqtt_vectors.hpp"

namespace godwit::mqtt::test {

class WholePacket {
public:
    explicit WholePacket(std::string_view text) : bytes_(vector_bytes(text)) {
        const auto frame = next_frame(bytes_, 0);
        if (!frame || !frame.value()) throw std::invalid_argument("not one whole packet");
        frame_ = *frame.value();
    }
    WholePacket(const WholePacket&) = delete;  // The frame views the bytes.
    WholePacket& operator=(const WholePacket&) = delete;

    [[nodiscard]] const Frame& frame() const { return frame_; }

private:
    std::vector<std::byte> bytes_;
    Frame frame_;
};

inline std::string_view text_of(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace godwit::mqtt::test
