// Retained messages.
#include "godwit/mqtt/topic.hpp"
#include "routes.hpp"

namespace godwit::admin {
namespace {

constexpr std::size_t kListedPayloadMax = 256;  // bytes
constexpr auto kNoValue = "there is no retained message of this topic";

std::string topic_of(const Call& call) {
    if (!mqtt::is_topic_name(call.argument)) throw not_found(kNoValue);
    return call.argument;
}

}  // namespace

void list_retained(const Call& call) {
    const auto filter = call.parameters.text("filter");
    if (filter && !mqtt::is_topic_filter(*filter)) {
        throw bad_request("parameter 'filter' is not a topic filter");
    }
    using Page = core::Page<core::RetainedView>;
    call.node().retained(filter.value_or("#"), call.parameters.cursor(), call.parameters.limit(),
                         kListedPayloadMax,
                         call.then<std::optional<Page>>([](const std::optional<Page>& page) {
                             if (!page)
                                 throw bad_request("parameter 'cursor' is not from this list");
                             return json_response(json_of(*page));
                         }));
}

void get_retained(const Call& call) {
    call.node().retained_value(topic_of(call),
                               call.then<std::optional<core::RetainedView>>([](const auto& value) {
                                   if (!value) throw not_found(kNoValue);
                                   return json_response(json_of(*value));
                               }));
}

void delete_retained(const Call& call) {
    call.node().clear_retained(topic_of(call), call.then<bool>([](bool found) -> Response {
        if (!found) throw not_found(kNoValue);
        return {.status = 204};
    }));
}

}  // namespace godwit::admin
