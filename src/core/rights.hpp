// What clients may do, as the policy in force says. A shard asks for every message, so answers
// about topics are remembered: for a topic that a client comes back with, no rule is looked at. An
// answer is found by client, action and the whole topic, never by a hash alone; memory is bounded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/core/arrival.hpp"
#include "godwit/core/handle.hpp"
#include "godwit/core/ports.hpp"
#include "session.hpp"

namespace godwit::core {

class Rights {
public:
    using Scope = AccessPolicy::Scope;

    Rights(ShardIndex shard, const AccessPolicy& policy) : shard_(shard), policy_(&policy) {}

    // Other rules; what was remembered is forgotten.
    void enforce(const AccessPolicy& policy);
    // Counts enforce(): judgements of an earlier epoch are to be made again.
    [[nodiscard]] std::uint64_t epoch() const { return epoch_; }
    [[nodiscard]] bool restricts() const { return policy_->restricts(); }

    // A number for the facts by which a client is judged: its names and its address.
    [[nodiscard]] std::uint64_t next_holder() {
        return std::uint64_t{shard_} << 48 | ++last_holder_;
    }

    // Topics and filters as they are routed, with the mount point and without prefixes.
    [[nodiscard]] bool may_publish(const Session& publisher, std::string_view topic) {
        return !restricts() || publisher.superuser || ask(publisher, Action::publish, topic);
    }
    [[nodiscard]] bool may_publish(const Author& author, std::string_view topic) const;
    [[nodiscard]] bool may_receive(const Session& receiver, std::string_view topic) {
        return !restricts() || receiver.superuser || ask(receiver, Action::receive, topic);
    }
    [[nodiscard]] bool may_receive(const RightsHolder& receiver, std::string_view topic);
    [[nodiscard]] Scope may_subscribe(const Session& session, std::string_view filter) const;

    // Which rule makes may_receive() answer as it does; empty where none is asked.
    [[nodiscard]] std::string receive_rule(const Session& receiver, std::string_view topic) const;

    // For other shards.
    [[nodiscard]] static RightsHolder holder_of(const Session& session);

private:
    enum class Action : std::uint8_t { publish, receive };

    struct Answer {
        std::uint64_t holder = 0;  // 0: none
        std::uint64_t hash = 0;
        std::string topic;
        Action action = Action::publish;
        bool allowed = false;
    };
    static constexpr std::size_t kSets = 4096;
    static constexpr std::size_t kWays = 4;  // answers whose hashes choose the same set
    static constexpr std::size_t kTopicBytesMax = 256;

    [[nodiscard]] bool ask(const Session& session, Action action, std::string_view topic);
    [[nodiscard]] bool ask(const AccessPolicy::Client& client, std::uint64_t holder, Action action,
                           std::string_view topic);
    [[nodiscard]] const Answer* find(const Answer& wanted, std::string_view topic) const;
    void remember(Answer answer, std::string_view topic);

    const ShardIndex shard_;
    const AccessPolicy* policy_;
    std::uint64_t epoch_ = 0;
    std::uint64_t last_holder_ = 0;
    std::vector<Answer> answers_;  // set by set; none until somebody asks
    std::size_t turn_ = 0;         // whose way is the next to be given up
};

}  // namespace godwit::core
