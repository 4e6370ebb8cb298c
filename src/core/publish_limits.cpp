#include "publish_limits.hpp"

#include <algorithm>

namespace godwit::core {

namespace {

using namespace std::chrono_literals;

// A pause is not worth its trouble for a shorter time, and is looked at again after a longer one:
// the rate may be another one by then.
constexpr Duration kPauseMin = 20ms;
constexpr Duration kPauseMax = 1s;

// A limit of 0 is none.
TokenBucket::Wait wait_for(const TokenBucket& bucket, std::size_t cost, std::size_t rate,
                           SteadyTime now) {
    if (rate == 0) return TokenBucket::Wait{0};
    return bucket.wait(static_cast<double>(cost), static_cast<double>(rate), now);
}

void spend(TokenBucket& bucket, std::size_t cost, std::size_t rate, SteadyTime now) {
    if (rate != 0) bucket.spend(static_cast<double>(cost), static_cast<double>(rate), now);
}

}  // namespace

PublishLimits::Verdict PublishLimits::judge(Session& publisher, mqtt::Qos qos, std::size_t bytes) {
    if (context_.memory_high) {
        if (qos == mqtt::Qos::at_most_once) return Verdict::drop;
        publications_.pause(publisher, Pause::memory);
        without_memory_.push_back(publisher.handle);
        return Verdict::wait;
    }
    const TokenBucket::Wait left = wait(publisher, bytes);
    if (left == TokenBucket::Wait{0}) return Verdict::take;
    PublishAllowance& allowance = *publisher.attachment->allowance;
    allowance.pause_ends =
        context_.now.steady + std::clamp<TokenBucket::Wait>(left, kPauseMin, kPauseMax);
    deadlines_.add({allowance.pause_ends, Deadline::Kind::end_rate_pause, publisher.handle});
    publications_.pause(publisher, Pause::rate);
    return Verdict::wait;
}

TokenBucket::Wait PublishLimits::wait(const Session& publisher, std::size_t bytes) const {
    const LimitSettings& limits = context_.settings().limits;
    const PublishAllowance* allowance = publisher.attachment->allowance.get();
    if (allowance == nullptr) return TokenBucket::Wait{0};
    const SteadyTime now = context_.now.steady;
    return std::max(wait_for(allowance->messages, 1, limits.publish_rate, now),
                    wait_for(allowance->bytes, bytes, limits.publish_bytes_rate, now));
}

void PublishLimits::count(Session& publisher, std::size_t bytes) {
    const LimitSettings& limits = context_.settings().limits;
    std::unique_ptr<PublishAllowance>& allowance = publisher.attachment->allowance;
    if (!allowance) allowance = std::make_unique<PublishAllowance>();
    const SteadyTime now = context_.now.steady;
    spend(allowance->messages, 1, limits.publish_rate, now);
    spend(allowance->bytes, bytes, limits.publish_bytes_rate, now);
}

void PublishLimits::on_deadline(Session& publisher) {
    publications_.lift(publisher, Pause::rate);
}

void PublishLimits::abandon(const Session& publisher) {
    const PublishAllowance* allowance = publisher.attachment->allowance.get();
    if (allowance == nullptr) return;
    deadlines_.remove({allowance->pause_ends, Deadline::Kind::end_rate_pause, publisher.handle});
}

void PublishLimits::on_memory(bool high) {
    context_.memory_high = high;
    if (!high) publications_.lift_all(without_memory_, Pause::memory);
}

}  // namespace godwit::core
