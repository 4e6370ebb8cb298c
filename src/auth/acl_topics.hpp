// Sets of topics, as filters describe them, and questions about them. Answers are exact: a level
// that a wildcard leaves open may be any of endlessly many, so a topic whose open levels are named
// like nothing else stands for all topics of its length.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/core/ports.hpp"

namespace godwit::auth {

class TopicSet {
public:
    // REQUIRES: a valid filter.
    explicit TopicSet(std::string_view filter);

    [[nodiscard]] bool contains(std::string_view topic) const;
    // Every topic of `other`.
    [[nodiscard]] bool covers(const TopicSet& other) const;
    // Some topic of `other`.
    [[nodiscard]] bool overlaps(const TopicSet& other) const;

    // Some topic of the set, and of `among` where that is given, that none of `others` has.
    [[nodiscard]] bool has_more_than(const std::vector<TopicSet>& others,
                                     const TopicSet* among = nullptr) const;

private:
    friend class TopicPattern;

    // One level of a filter; nothing: '+'.
    using Level = std::optional<std::string>;
    // A topic; nothing: a level that is named like no other.
    using Sample = std::vector<std::optional<std::string_view>>;

    TopicSet(std::vector<Level> levels, bool multi_level)
        : levels_(std::move(levels)), multi_level_(multi_level) {}

    [[nodiscard]] bool begins_with_wildcard() const {
        return levels_.empty() || !levels_.front().has_value();
    }
    [[nodiscard]] bool has_length(std::size_t length) const;
    [[nodiscard]] const Level& level(std::size_t index) const;
    [[nodiscard]] bool contains(const Sample& topic) const;
    // What stands for all topics of that length that are in both sets; nothing where there are
    // none.
    [[nodiscard]] std::optional<Sample> sample(const TopicSet& other, std::size_t length) const;

    std::vector<Level> levels_;  // without the '#'
    bool multi_level_ = false;   // ends with '#'
};

// A filter in which %u and %c stand for the names of whoever is asked about. What they put in is
// text within one level: a name with '/', '+' or '#' is in no topic, and one that begins with '$'
// leads to no topic of the broker's own.
class TopicPattern {
public:
    // REQUIRES: a valid filter.
    TopicPattern(std::string_view filter, bool substitutes);

    // Calls visit(const TopicSet&) with what it means for this client, if it means anything.
    template <typename Visit>
    bool visit_set(const core::AccessPolicy::Client& client, Visit visit) const {
        if (!substitutes_) return visit(set_);
        const std::optional<TopicSet> filled = fill(client);
        return filled && visit(*filled);
    }

private:
    [[nodiscard]] std::optional<TopicSet> fill(const core::AccessPolicy::Client& client) const;

    TopicSet set_;
    bool substitutes_;
};

}  // namespace godwit::auth
