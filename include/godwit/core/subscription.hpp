// What a client names in SUBSCRIBE and what a publisher names in PUBLISH, taken apart:
// $share/<group>/<filter>, $queue/<filter> and $local/<filter> in all their combined forms.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace godwit::core {

// A subscription by its parts. A shared group is the pair (group, filter); $queue/<filter> is the
// group without a name. Views into the caller's text.
struct FilterKey {
    std::string_view filter;  // the plain filter, a valid one
    std::string_view group;   // of a shared one; empty for $queue
    bool shared = false;
    bool local = false;  // matches publications made on this node alone

    friend bool operator==(const FilterKey&, const FilterKey&) = default;
};

// Nothing when the text is malformed: an invalid filter, an empty group, a group with '+' or '#',
// no filter behind the prefix, a prefix given twice. SUBACK 0x80 then.
[[nodiscard]] std::optional<FilterKey> parse_filter(std::string_view text);

// One spelling for a subscription, however its prefixes were ordered, with its filter behind the
// mount point.
[[nodiscard]] std::string canonical_filter(const FilterKey& key, std::string_view mount_point);

// Where a PUBLISH goes.
struct PublishTarget {
    enum class Kind {
        ordinary,
        local,     // $local/t: a publication of t that stays on this node
        nowhere,   // $share/... and $queue/...: acknowledged, dropped, counted
        reserved,  // $SYS/...: a denied publish
    };
    Kind kind = Kind::ordinary;
    std::string_view topic;  // the plain topic
};

[[nodiscard]] PublishTarget parse_publish_topic(std::string_view topic);

// Whether a plain topic is one of the broker's own, $SYS/...
[[nodiscard]] bool is_system_topic(std::string_view topic);

}  // namespace godwit::core
