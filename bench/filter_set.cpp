#include "filter_set.hpp"

#include <algorithm>

#include "failure.hpp"

namespace godwit::bench {
namespace {

constexpr std::array kLevelPrefixes = {"/r", "/t", "/d", "/s"};

FilterKind kind_of(std::uint32_t percent) {
    if (percent < 60) return FilterKind::exact;
    if (percent < 85) return FilterKind::one_plus;
    if (percent < 95) return FilterKind::hash;
    return FilterKind::two_plus;
}

}  // namespace

RandomNumbers::RandomNumbers(std::uint64_t seed)
    : state_(88172645463325252ULL ^ seed * 0x9e3779b97f4a7c15ULL) {
    if (state_ == 0) state_ = 1;  // The one state xorshift never leaves.
}

std::uint32_t RandomNumbers::below(std::uint32_t bound) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<std::uint32_t>((state_ >> 11) % bound);
}

FilterSet::FilterSet(std::uint32_t filters, std::uint32_t owners, RandomNumbers& random)
    : width_{20, 50, std::max<std::uint32_t>(20, filters / 1000), 10}, by_owner_(owners) {
    std::uint64_t draws_left = std::uint64_t{filters} * 50;
    std::uint32_t made = 0;
    while (made < filters) {
        if (draws_left-- == 0)
            fail(ExitCode::usage, "--filters: so many distinct ones do not exist");
        const FilterKind kind = kind_of(random.below(100));
        const Filter filter = draw(kind, random);
        const std::uint32_t owner = made % owners;
        if (!owners_.emplace(text(filter), owner).second) continue;
        by_owner_[owner].push_back(text(filter));
        if (kind == FilterKind::exact) exact_.push_back(filter.levels);
        ++counts_[static_cast<std::size_t>(kind)];
        ++made;
    }
}

TopicLevels FilterSet::random_topic(RandomNumbers& random) const {
    TopicLevels levels{};
    for (std::size_t i = 0; i < levels.size(); ++i) {
        levels[i] = static_cast<int>(random.below(width_[i]));
    }
    return levels;
}

TopicLevels FilterSet::random_exact(RandomNumbers& random) const {
    if (exact_.empty()) return random_topic(random);
    return exact_[random.below(static_cast<std::uint32_t>(exact_.size()))];
}

std::string FilterSet::topic_name(const TopicLevels& levels) {
    return text({levels, levels.size(), false});
}

std::vector<std::uint32_t> FilterSet::matching_owners(const TopicLevels& topic) const {
    std::vector<std::uint32_t> owners;
    for (std::size_t depth = 0; depth <= topic.size(); ++depth) {
        for (unsigned pluses = 0; pluses < 1U << depth; ++pluses) {
            Filter filter{topic, depth, true};
            for (std::size_t i = 0; i < depth; ++i) {
                if ((pluses >> i & 1) != 0) filter.levels[i] = kAnyLevel;
            }
            look_up(filter, owners);
            if (depth < topic.size()) continue;
            filter.hash = false;
            look_up(filter, owners);
        }
    }
    std::sort(owners.begin(), owners.end());
    return owners;
}

std::string FilterSet::text(const Filter& filter) {
    std::string name = "bt";
    for (std::size_t i = 0; i < filter.depth; ++i) {
        const int level = filter.levels[i];
        name += level == kAnyLevel ? "/+" : kLevelPrefixes[i] + std::to_string(level);
    }
    return filter.hash ? name + "/#" : name;
}

FilterSet::Filter FilterSet::draw(FilterKind kind, RandomNumbers& random) const {
    Filter filter{random_topic(random), 4, false};
    if (kind == FilterKind::hash) {
        filter.hash = true;
        filter.depth = random.below(40) != 0 ? 3 : 2;
    }
    if (kind == FilterKind::one_plus) filter.levels[random.below(4)] = kAnyLevel;
    if (kind == FilterKind::two_plus) {
        const std::uint32_t first = random.below(4);
        filter.levels[first] = kAnyLevel;
        filter.levels[(first + 1 + random.below(3)) % 4] = kAnyLevel;
    }
    return filter;
}

void FilterSet::look_up(const Filter& filter, std::vector<std::uint32_t>& owners) const {
    const auto found = owners_.find(text(filter));
    if (found != owners_.end()) owners.push_back(found->second);
}

}  // namespace godwit::bench
