// Goes through a list of which each shard has a part, one slice at a time: each is a turn's work of
// one loop, and between two of them that loop does whatever else there is. It keeps itself alive by
// the work it has posted.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "broker.hpp"
#include "cursors.hpp"

namespace godwit::server {

template <typename Item, typename Place>
class ShardWalk : public std::enable_shared_from_this<ShardWalk<Item, Place>> {
public:
    using Slice = core::Slice<Item, Place>;
    // Asks a shard for at most so many items from a place on; nothing where it knows no such place.
    using Ask = std::function<std::optional<Slice>(core::Shard&, const Place&, std::size_t,
                                                   const core::Now&)>;
    // Takes what came, on a loop's thread, and says how many more are wanted at most. `next`: where
    // the walk goes on; nothing at its end.
    using Take = std::function<std::size_t(std::optional<std::vector<Item>> items,
                                           std::optional<std::string> next)>;

    // From the shards `first` to `last`.
    ShardWalk(Broker& broker, std::size_t first, std::size_t last, Ask ask, Take take)
        : broker_(broker),
          shard_(static_cast<core::ShardIndex>(first)),
          last_(static_cast<core::ShardIndex>(last)),
          ask_(std::move(ask)),
          take_(std::move(take)) {}

    // False where the cursor is not one of this walk.
    [[nodiscard]] bool go_to(std::string_view cursor) {
        core::ShardIndex shard = 0;
        if (!take_number(cursor, shard) || shard < shard_ || shard > last_) return false;
        shard_ = shard;
        return decode_place(cursor, place_);
    }

    void start(std::size_t limit) {
        broker_.post(shard_, [self = this->shared_from_this(), limit](core::Shard& shard,
                                                                      const core::Now& now) {
            self->step(shard, limit, now);
        });
    }

private:
    void step(core::Shard& shard, std::size_t limit, const core::Now& now) {
        std::optional<Slice> slice = ask_(shard, place_, limit, now);
        if (!slice) {
            (void)take_(std::nullopt, std::nullopt);
            return;
        }
        const bool at_end = !slice->next && shard_ == last_;
        if (!slice->next) ++shard_;
        place_ = slice->next ? *std::move(slice->next) : Place{};
        std::optional<std::string> next;
        if (!at_end) next = std::to_string(shard_) + "." + encode_place(place_);
        const std::size_t wanted = take_(std::move(slice->items), std::move(next));
        if (!at_end && wanted != 0) start(wanted);
    }

    Broker& broker_;
    core::ShardIndex shard_;
    const core::ShardIndex last_;
    Place place_{};
    const Ask ask_;
    const Take take_;
};

}  // namespace godwit::server
