#include "last_drops.hpp"

#include <algorithm>

namespace godwit::core {

namespace {

// Cut between two characters of UTF-8.
void assign_cut(std::string& target, std::string_view topic) {
    std::size_t size = topic.size();
    if (size > LastDrops::kTopicBytesMax) {
        size = LastDrops::kTopicBytesMax;
        while (size != 0 && (static_cast<unsigned char>(topic[size]) & 0xC0) == 0x80)
            --size;
    }
    target.assign(topic.substr(0, size));
    if (size != topic.size()) target += "…";
}

}  // namespace

void LastDrops::add(WallTime at, DropReason reason, std::string_view topic, mqtt::Qos qos) {
    const bool all_there = drops_.size() == kKept;
    // The text's room is used again, so that a flood of drops allocates nothing.
    DropView& drop = all_there ? drops_[oldest_] : drops_.emplace_back();
    if (all_there) oldest_ = (oldest_ + 1) % kKept;
    drop.at = at;
    drop.reason = reason;
    drop.qos = qos;
    assign_cut(drop.topic, topic);
}

std::vector<DropView> LastDrops::list() const {
    std::vector<DropView> drops = drops_;
    std::rotate(drops.begin(), drops.begin() + static_cast<std::ptrdiff_t>(oldest_), drops.end());
    return drops;
}

}  // namespace godwit::core
