// What the node tells, as docs/http-api.md has it.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "godwit/admin/node.hpp"

namespace godwit::admin {

using Json = nlohmann::ordered_json;  // members in the order in which they are written here

// On one line; what is not UTF-8 is replaced.
[[nodiscard]] std::string to_text(const Json& json);

// RFC 3339 in UTC with milliseconds.
[[nodiscard]] std::string time_text(core::WallTime time);

[[nodiscard]] Json json_of(const NodeView& node);
// As of now, `uptime` after the start.
[[nodiscard]] Json json_of(const Totals& totals, core::WallTime now, core::Duration uptime);
[[nodiscard]] Json json_of(const core::SessionView& session);
[[nodiscard]] Json json_of(const core::SessionDetail& detail);
[[nodiscard]] Json json_of(const core::SubscriptionView& subscription);
[[nodiscard]] Json json_of(const core::GroupView& group);
[[nodiscard]] Json json_of(const core::Explanation& explanation, std::string_view topic);
// `size` stays that of the whole payload, `truncated` tells whether it is all there.
[[nodiscard]] Json json_of(const core::RetainedView& value);
[[nodiscard]] Json json_of(const ReceivedMessage& message);

template <typename Item>
[[nodiscard]] Json json_of(const core::Page<Item>& page) {
    Json items = Json::array();
    for (const Item& item : page.items)
        items.push_back(json_of(item));
    Json json;
    json["items"] = std::move(items);
    json["next_cursor"] = page.next.empty() ? Json() : Json(page.next);
    return json;
}

}  // namespace godwit::admin
