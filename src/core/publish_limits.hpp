// How much clients may publish just now: limits.publish_rate and limits.publish_bytes_rate for each
// connection, and nothing while the process has used up its memory (limits.memory_high_water).
// Nothing is lost but QoS 0 for lack of memory: the publisher is paused.
#pragma once

#include <vector>

#include "context.hpp"
#include "deadlines.hpp"
#include "publications.hpp"

namespace godwit::core {

class PublishLimits {
public:
    PublishLimits(ShardContext& context, Publications& publications, Deadlines& deadlines)
        : context_(context), publications_(publications), deadlines_(deadlines) {}

    // Whether judge() is to be asked at all; a few instructions for each PUBLISH.
    [[nodiscard]] bool in_force() const {
        const LimitSettings& limits = context_.settings().limits;
        return (limits.publish_rate | limits.publish_bytes_rate) != 0 || context_.memory_high;
    }

    enum class Verdict : std::uint8_t {
        take,
        wait,  // the connection is paused; the PUBLISH is to be tried again after that
        drop,
    };
    // About a PUBLISH of so many bytes, header included.
    [[nodiscard]] Verdict judge(Session& publisher, mqtt::Qos qos, std::size_t bytes);
    // It was taken.
    void count(Session& publisher, std::size_t bytes);

    void on_deadline(Session& publisher);    // Deadline::Kind::end_rate_pause
    void abandon(const Session& publisher);  // its connection ends
    void on_memory(bool high);

private:
    [[nodiscard]] TokenBucket::Wait wait(const Session& publisher, std::size_t bytes) const;

    ShardContext& context_;
    Publications& publications_;
    Deadlines& deadlines_;
    std::vector<SessionHandle> without_memory_;
};

}  // namespace godwit::core
