// AdminNode: what one shard alone answers or does.
#include <utility>

#include "admin_node.hpp"

namespace godwit::server {

using core::Now;
using core::Shard;

void AdminNode::session(std::string_view client_id,
                        admin::Then<std::optional<core::SessionDetail>> then) {
    broker_.post(broker_.home_of(client_id),
                 [client_id = std::string(client_id), then = std::move(then)](
                     Shard& shard, const Now& now) { then(shard.session(client_id, now)); });
}

void AdminNode::kick(std::string_view client_id, bool with_session, admin::Then<bool> then) {
    broker_.post(
        broker_.home_of(client_id),
        [client_id = std::string(client_id), with_session, then = std::move(then)](
            Shard& shard, const Now& now) { then(shard.kick(client_id, with_session, now)); });
}

void AdminNode::explain(std::string_view client_id, std::string_view topic,
                        admin::Then<std::optional<core::Explanation>> then) {
    broker_.post(
        broker_.home_of(client_id),
        [client_id = std::string(client_id), topic = std::string(topic), then = std::move(then)](
            Shard& shard, const Now& now) { then(shard.explain(client_id, topic, now)); });
}

// What concerns a topic goes to one shard, so that it keeps its order.

void AdminNode::retained_value(std::string_view topic,
                               admin::Then<std::optional<core::RetainedView>> then) {
    broker_.post(broker_.home_of(topic),
                 [topic = std::string(topic), then = std::move(then)](
                     Shard& shard, const Now& now) { then(shard.retained_value(topic, now)); });
}

void AdminNode::clear_retained(std::string_view topic, admin::Then<bool> then) {
    broker_.post(broker_.home_of(topic),
                 [topic = std::string(topic), then = std::move(then)](
                     Shard& shard, const Now& now) { then(shard.clear_retained(topic, now)); });
}

void AdminNode::publish(admin::Publication publication, admin::Then<std::size_t> then) {
    broker_.post(broker_.home_of(publication.topic),
                 [publication = std::move(publication), then = std::move(then)](Shard& shard,
                                                                                const Now& now) {
                     then(shard.publish(publication.topic, publication.payload, publication.qos,
                                        publication.retain, now));
                 });
}

}  // namespace godwit::server
