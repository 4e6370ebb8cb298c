// The retained messages, as an operator looks through them.
#include <algorithm>
#include <utility>

#include "inspector.hpp"

namespace godwit::core {

namespace {

RetainedView retained_view(const RetainedTree::Value& value, std::size_t payload_max) {
    const mqtt::Bytes payload = value.message->payload();
    const mqtt::Bytes part = payload.first(std::min(payload.size(), payload_max));
    return {std::string(value.message->topic()), value.qos, payload.size(),
            std::vector<std::byte>(part.begin(), part.end()), value.expires_at};
}

}  // namespace

std::optional<Slice<RetainedView, RetainedPlace>> Inspector::retained(
    std::string_view filter, const std::optional<RetainedPlace>& from, std::size_t limit,
    std::size_t payload_max) const {
    RetainedTree& tree = context_.commons.retained;
    const std::unique_ptr<RetainedTree::Cursor> cursor =
        from ? tree.resume(filter, *from) : tree.list(filter);
    if (!cursor) return std::nullopt;
    Slice<RetainedView, RetainedPlace> slice;
    const std::size_t items_max = std::min(limit, kRetainedSliceMax);
    const auto visit = [&](const RetainedTree::Value& value) {
        if (slice.items.size() == items_max) return false;
        slice.items.push_back(retained_view(value, payload_max));
        return true;
    };
    (void)tree.advance(*cursor, context_.now.wall, visit, kRetainedSteps);
    slice.next = cursor->place();
    return slice;
}

std::optional<RetainedView> Inspector::retained_value(std::string_view topic) const {
    const auto value = context_.commons.retained.get(topic);
    const bool expired = value && value->expires_at && *value->expires_at <= context_.now.wall;
    if (!value || expired) return std::nullopt;
    return retained_view(*value, value->message->size());
}

}  // namespace godwit::core
