// A filter and a topic, a line each, against a reference that takes both apart into lists of
// levels.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "godwit/mqtt/topic.hpp"

namespace {

using namespace godwit::mqtt;
using Levels = std::vector<std::string>;

void require(bool promise_kept) {
    if (!promise_kept) std::abort();
}

Levels levels_of(std::string_view text) {
    Levels levels(1);
    for (const char c : text) {
        if (c == '/') {
            levels.emplace_back();
        } else {
            levels.back() += c;
        }
    }
    return levels;
}

bool contains(std::string_view text, char c) {
    return std::ranges::count(text, c) != 0;
}

bool is_filter_by_reference(std::string_view filter) {
    const Levels levels = levels_of(filter);
    for (std::size_t i = 0; i < levels.size(); ++i) {
        const std::string& level = levels[i];
        const bool last = i + 1 == levels.size();
        if (contains(level, '#') && !(level == "#" && last)) return false;
        if (contains(level, '+') && level != "+") return false;
    }
    return !filter.empty();
}

bool matches_by_reference(std::string_view filter, std::string_view topic) {
    Levels wanted = levels_of(filter);
    Levels levels = levels_of(topic);
    const bool begins_with_wildcard = wanted[0] == "#" || wanted[0] == "+";
    if (begins_with_wildcard && topic[0] == '$') return false;
    if (wanted.back() == "#") {
        wanted.pop_back();
        if (levels.size() < wanted.size()) return false;
        levels.resize(wanted.size());
    }
    return std::ranges::equal(wanted, levels,
                              [](const std::string& want, const std::string& level) {
                                  return want == "+" || want == level;
                              });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t line_end = std::min(input.find('\n'), input.size());
    const std::string_view filter = input.substr(0, line_end);
    const std::string_view topic = input.substr(std::min(line_end + 1, input.size()));

    require(level_count(filter) == levels_of(filter).size());
    require(has_wildcard(filter) == (contains(filter, '+') || contains(filter, '#')));
    if (filter.size() > kTopicSizeMax) return 0;
    require(is_topic_filter(filter) == is_filter_by_reference(filter));
    if (is_topic_filter(filter) && is_topic_name(topic)) {
        require(matches(filter, topic) == matches_by_reference(filter, topic));
    }
    return 0;
}
