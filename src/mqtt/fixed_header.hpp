// The flags that the specification fixes for every packet type but PUBLISH. The decoder insists on
// them, the encoder sets them.
#pragma once

#include "godwit/mqtt/packet.hpp"

namespace godwit::mqtt {

// REQUIRES: type is not publish, whose flags have a meaning.
[[nodiscard]] constexpr unsigned fixed_flags(PacketType type) {
    switch (type) {
        case PacketType::pubrel:       // [MQTT-3.6.1-1]
        case PacketType::subscribe:    // [MQTT-3.8.1-1]
        case PacketType::unsubscribe:  // [MQTT-3.10.1-1]
            return 2;
        default: return 0;
    }
}

}  // namespace godwit::mqtt
