// The packet identifiers of one publisher, and how far the exchange of each has come.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace godwit::bench {

class PacketIds {
public:
    enum class State : std::uint8_t { free, published, released };

    // At most `window` identifiers will be in use at a time; window is below 60,000.
    explicit PacketIds(std::uint32_t window)
        : last_(std::clamp<std::uint32_t>(window * 4, 16, 65535)), states_(last_ + 1) {}

    std::uint16_t take() {
        while (states_[next_] != State::free)
            advance();
        const auto packet_id = static_cast<std::uint16_t>(next_);
        states_[next_] = State::published;
        advance();
        return packet_id;
    }

    // False, and nothing changes, when `packet_id` is not in state `from`.
    bool move(std::uint16_t packet_id, State from, State to) {
        if (packet_id == 0 || packet_id > last_ || states_[packet_id] != from) return false;
        states_[packet_id] = to;
        return true;
    }

private:
    void advance() { next_ = next_ >= last_ ? 1 : next_ + 1; }

    std::uint32_t last_;
    std::uint32_t next_ = 1;
    std::vector<State> states_;  // By packet id.
};

}  // namespace godwit::bench
