// The last messages that one session lost, for whoever asks why they did not arrive. Owns no memory
// until the first one, and then a bounded amount.
#pragma once

#include <string_view>
#include <vector>

#include "godwit/core/inspection.hpp"

namespace godwit::core {

class LastDrops {
public:
    static constexpr std::size_t kKept = 16;
    static constexpr std::size_t kTopicBytesMax = 256;  // the rest of a longer one is not kept

    // `topic`: as the client names it; empty where it is not known any more.
    void add(WallTime at, DropReason reason, std::string_view topic, mqtt::Qos qos);

    [[nodiscard]] std::vector<DropView> list() const;  // oldest first

private:
    std::vector<DropView> drops_;  // a ring once there are kKept
    std::size_t oldest_ = 0;
};

}  // namespace godwit::core
