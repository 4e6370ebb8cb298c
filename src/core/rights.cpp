#include "rights.hpp"

#include <algorithm>
#include <utility>

#include "godwit/core/hash.hpp"

namespace godwit::core {

namespace {

AccessPolicy::Client client_of(const Session& session) {
    AccessPolicy::Client client{session.client_id, session.user_name(), {}};
    if (session.attachment) {
        client.address = session.attachment->address;
    } else if (session.last_address) {
        client.address = *session.last_address;
    }
    return client;
}

}  // namespace

void Rights::enforce(const AccessPolicy& policy) {
    policy_ = &policy;
    ++epoch_;
    answers_ = {};
}

bool Rights::may_publish(const Author& author, std::string_view topic) const {
    if (!restricts() || author.superuser) return true;
    return policy_->may_publish({author.client_id, author.user_name, author.address},
                                topic.substr(author.mount_point.size()));
}

bool Rights::may_receive(const RightsHolder& receiver, std::string_view topic) {
    if (!restricts()) return true;
    return ask({receiver.client_id, receiver.user_name, receiver.address}, receiver.number,
               Action::receive, topic.substr(receiver.mount_point_size));
}

Rights::Scope Rights::may_subscribe(const Session& session, std::string_view filter) const {
    if (!restricts() || session.superuser) return Scope::all;
    return policy_->may_subscribe(client_of(session), filter.substr(session.mount_point().size()));
}

std::string Rights::receive_rule(const Session& receiver, std::string_view topic) const {
    if (!restricts() || receiver.superuser) return {};
    return policy_->receive_rule(client_of(receiver), receiver.plain(topic));
}

RightsHolder Rights::holder_of(const Session& session) {
    const AccessPolicy::Client client = client_of(session);
    return {session.holder, std::string(client.client_id), std::string(client.user_name),
            std::string(client.address), session.mount_point().size()};
}

bool Rights::ask(const Session& session, Action action, std::string_view topic) {
    return ask(client_of(session), session.holder, action,
               topic.substr(session.mount_point().size()));
}

bool Rights::ask(const AccessPolicy::Client& client, std::uint64_t holder, Action action,
                 std::string_view topic) {
    Answer answer{.holder = holder,
                  .hash = hash_bytes(topic, holder ^ static_cast<std::uint64_t>(action) << 63),
                  .topic = {},
                  .action = action};
    if (const Answer* known = find(answer, topic)) return known->allowed;
    const bool allowed = action == Action::publish ? policy_->may_publish(client, topic)
                                                   : policy_->may_receive(client, topic);
    answer.allowed = allowed;
    remember(std::move(answer), topic);
    return allowed;
}

const Rights::Answer* Rights::find(const Answer& wanted, std::string_view topic) const {
    if (answers_.empty()) return nullptr;
    const Answer* const first = &answers_[wanted.hash % kSets * kWays];
    const Answer* const found = std::find_if(first, first + kWays, [&](const Answer& one) {
        return one.hash == wanted.hash && one.holder == wanted.holder &&
               one.action == wanted.action && one.topic == topic;
    });
    return found == first + kWays ? nullptr : found;
}

void Rights::remember(Answer answer, std::string_view topic) {
    if (topic.size() > kTopicBytesMax) return;
    if (answers_.empty()) answers_.resize(kSets * kWays);
    answer.topic = topic;
    answers_[answer.hash % kSets * kWays + turn_++ % kWays] = std::move(answer);
}

}  // namespace godwit::core
