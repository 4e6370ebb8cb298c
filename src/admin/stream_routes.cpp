// Streams of events.
#include "godwit/mqtt/topic.hpp"
#include "routes.hpp"

namespace godwit::admin {
namespace {

Response stream_of(std::shared_ptr<EventQueue> queue, std::shared_ptr<void> source = nullptr) {
    return {.status = 200,
            .content_type = "text/event-stream",
            .events = std::move(queue),
            .source = std::move(source)};
}

Receiver receiver_of(const std::shared_ptr<EventQueue>& queue) {
    return {.receive =
                [queue](ReceivedMessage message) {
                    const std::size_t bytes = message.topic.size() + message.payload.size();
                    queue->offer("message", bytes, [message = std::move(message)] {
                        return to_text(json_of(message));
                    });
                },
            .ended =
                [queue](std::string_view reason) {
                    queue->offer("ended", reason.size(), [reason = std::string(reason)] {
                        return to_text({{"reason", reason}});
                    });
                    queue->end();
                }};
}

}  // namespace

void stream_events(const Call& call) {
    const auto queue = std::make_shared<EventQueue>();
    call.services.hub.follow_events(queue);
    call.answer(stream_of(queue));
}

void stream_log(const Call& call) {
    const auto queue = std::make_shared<EventQueue>();
    call.services.hub.follow_log(queue);
    call.answer(stream_of(queue));
}

void stream_subscription(const Call& call) {
    const std::string filter = call.parameters.required("filter");
    const auto qos = static_cast<mqtt::Qos>(call.parameters.number("qos", 0, 2, 0));
    const auto queue = std::make_shared<EventQueue>();
    std::shared_ptr<Tap> tap;
    if (mqtt::is_topic_filter(filter)) {
        tap = call.node().subscribe(filter, qos, receiver_of(queue));
    }
    if (tap == nullptr) throw bad_request("parameter 'filter' is not a topic filter");
    call.answer(stream_of(queue, std::move(tap)));
}

}  // namespace godwit::admin
