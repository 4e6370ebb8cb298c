// Which retained value a topic may have, and what a SUBSCRIBE is owed of them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "messages.hpp"
#include "plan.hpp"
#include "stage.hpp"

namespace godwit::simulation {

class RetainedModel {
public:
    RetainedModel(Stage& stage, const Plan& plan) : stage_(stage), plan_(plan) {}

    void written(const Message& message) { writes_[message.topic].push_back(&message); }

    // A value arrived with the retain flag set. `owed_since`: the model's rest before the
    // subscription may have asked for it.
    void check_delivered(std::size_t client, const Message& message,
                         const Subscriptions& subscriptions) const;
    // At a rest: what SUBSCRIBEs since the last one are owed and did not get.
    void check_owed(std::size_t client, const Subscriptions& subscriptions,
                    std::uint64_t connection) const;
    // A crash begins replays anew.
    void crashed() { ++crashes_; }
    // From now on only later SUBSCRIBEs ask for anything.
    void rest() {
        last_rest_ = stage_.time();
        crashes_ = 0;
    }

private:
    // The value that a topic has for certain since `from`; null if it has none, or who knows.
    [[nodiscard]] const Message* certain_since(const std::vector<const Message*>& writes,
                                               Time from) const;
    [[nodiscard]] bool may_have_expired(const Message& message) const;

    Stage& stage_;
    const Plan& plan_;
    std::map<std::string, std::vector<const Message*>> writes_;  // by topic
    Time last_rest_{-1};
    unsigned crashes_ = 0;  // since then
};

}  // namespace godwit::simulation
