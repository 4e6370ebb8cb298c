// The filters and topics of the trie scenario, and a reference matcher for them: plain look-ups of
// every filter that could match, by name, so that it has nothing in common with a broker's trie.
//
// Topics are bt/r<n>/t<n>/d<n>/s<n>. Filters keep their levels, or have '+' in some, or end in '#'.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace godwit::bench {

// xorshift64: small, and the same everywhere for one seed.
class RandomNumbers {
public:
    explicit RandomNumbers(std::uint64_t seed);
    std::uint32_t below(std::uint32_t bound);

private:
    std::uint64_t state_;
};

using TopicLevels = std::array<int, 4>;
inline constexpr int kAnyLevel = -1;  // '+'

enum class FilterKind : std::size_t { exact, one_plus, hash, two_plus, count_ };

class FilterSet {
public:
    // `filters` distinct filters, dealt to the owners 0..owners-1 in turn: 60 % exact, 25 % with
    // one '+', 10 % ending in '#', 5 % with two '+'.
    FilterSet(std::uint32_t filters, std::uint32_t owners, RandomNumbers& random);

    const std::vector<std::string>& filters_of(std::uint32_t owner) const {
        return by_owner_[owner];
    }
    std::uint32_t count(FilterKind kind) const { return counts_[static_cast<std::size_t>(kind)]; }

    TopicLevels random_topic(RandomNumbers& random) const;
    TopicLevels random_exact(RandomNumbers& random) const;  // The topic of an exact filter.
    static std::string topic_name(const TopicLevels& levels);

    // The owners of the filters that match, sorted; one appears once a filter.
    std::vector<std::uint32_t> matching_owners(const TopicLevels& topic) const;

private:
    struct Filter {
        TopicLevels levels;
        std::size_t depth;  // Levels kept.
        bool hash;          // Ends in '#'.
    };

    static std::string text(const Filter& filter);
    Filter draw(FilterKind kind, RandomNumbers& random) const;
    void look_up(const Filter& filter, std::vector<std::uint32_t>& owners) const;

    std::array<std::uint32_t, 4> width_;                     // Distinct names a level.
    std::unordered_map<std::string, std::uint32_t> owners_;  // By filter.
    std::vector<std::vector<std::string>> by_owner_;
    std::vector<TopicLevels> exact_;
    std::array<std::uint32_t, static_cast<std::size_t>(FilterKind::count_)> counts_{};
};

}  // namespace godwit::bench
