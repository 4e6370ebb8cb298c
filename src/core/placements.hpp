// Publications of which some receivers on this shard could not be answered for at once: their entry
// is not stored yet, or held for lack of room. When the last one is placed, the shard answers.
#pragma once

#include <utility>
#include <vector>

#include "delivery_queue.hpp"
#include "godwit/core/mail.hpp"

namespace godwit::core {

class Placements {
public:
    struct Placement {
        PublicationId publication;
        LogRow row = 0;
        std::uint32_t unplaced = 0;
        std::vector<Answer::Miss> misses;
        std::vector<Receiver> unplaced_receivers;  // of a logged publication: not in its mark
    };

    // Opens one with one receiver not placed: the caller itself, until it has seen all of them.
    [[nodiscard]] PlacementIndex open(const PublicationId& publication, LogRow row) {
        PlacementIndex index = static_cast<PlacementIndex>(items_.size());
        if (free_.empty()) {
            items_.emplace_back();
        } else {
            index = free_.back();
            free_.pop_back();
        }
        items_[index] = {publication, row, 1, {}, {}};
        ++open_;
        return index;
    }

    void add(PlacementIndex index) { ++items_[index].unplaced; }
    [[nodiscard]] Placement& at(PlacementIndex index) { return items_[index]; }

    // One receiver fewer; true when it was the last and close() is due.
    [[nodiscard]] bool placed(PlacementIndex index) { return --items_[index].unplaced == 0; }

    [[nodiscard]] Placement close(PlacementIndex index) {
        free_.push_back(index);
        --open_;
        return std::move(items_[index]);
    }

    [[nodiscard]] bool idle() const { return open_ == 0; }

private:
    std::vector<Placement> items_;
    std::vector<PlacementIndex> free_;
    std::size_t open_ = 0;
};

}  // namespace godwit::core
