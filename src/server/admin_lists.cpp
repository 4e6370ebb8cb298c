// AdminNode: the lists, page by page.
#include <memory>
#include <utility>

#include "admin_node.hpp"
#include "shard_walk.hpp"

namespace godwit::server {

namespace {

template <typename Item>
using ThenPage = admin::Then<std::optional<core::Page<Item>>>;

// What a page may cost the loops; one that finds little ends before it is full.
constexpr std::size_t kSlicesMax = 100;

// Collects a page from a walk.
template <typename Item>
class PageOf {
public:
    PageOf(std::size_t limit, ThenPage<Item> then) : limit_(limit), then_(std::move(then)) {}

    std::size_t take(std::optional<std::vector<Item>> items, std::optional<std::string> next) {
        if (!items) {
            then_(std::nullopt);
            return 0;
        }
        for (Item& item : *items)
            page_.items.push_back(std::move(item));
        const std::size_t wanted = limit_ - page_.items.size();
        if (next && wanted != 0 && ++slices_ < kSlicesMax) return wanted;
        page_.next = next.value_or("");
        then_(std::move(page_));
        return 0;
    }

private:
    const std::size_t limit_;
    ThenPage<Item> then_;
    core::Page<Item> page_;
    std::size_t slices_ = 0;
};

struct Shards {
    std::size_t first;
    std::size_t last;
};

template <typename Item, typename Place>
void give_page(Broker& broker, Shards shards, std::string_view cursor, std::size_t limit,
               typename ShardWalk<Item, Place>::Ask ask, ThenPage<Item> then) {
    const auto page = std::make_shared<PageOf<Item>>(limit, then);
    const auto walk = std::make_shared<ShardWalk<Item, Place>>(
        broker, shards.first, shards.last, std::move(ask),
        [page](std::optional<std::vector<Item>> items, std::optional<std::string> next) {
            return page->take(std::move(items), std::move(next));
        });
    if (!cursor.empty() && !walk->go_to(cursor)) return then(std::nullopt);
    walk->start(limit);
}

}  // namespace

void AdminNode::sessions(const core::SessionQuery& query, std::string_view cursor,
                         std::size_t limit, ThenPage<core::SessionView> then) {
    give_page<core::SessionView, core::SessionPlace>(
        broker_, {0, broker_.shards() - 1}, cursor, limit,
        [query](core::Shard& shard, core::SessionPlace place, std::size_t wanted,
                const core::Now& now) { return shard.sessions(query, place, wanted, now); },
        std::move(then));
}

void AdminNode::subscriptions(const core::SubscriptionQuery& query, std::string_view cursor,
                              std::size_t limit, ThenPage<core::SubscriptionView> then) {
    Shards shards{0, broker_.shards() - 1};
    if (query.client_id) shards.first = shards.last = broker_.home_of(*query.client_id);
    give_page<core::SubscriptionView, core::SubscriptionPlace>(
        broker_, shards, cursor, limit,
        [query](core::Shard& shard, const core::SubscriptionPlace& place, std::size_t wanted,
                const core::Now&) { return shard.subscriptions(query, place, wanted); },
        std::move(then));
}

// Any shard knows all of them.
void AdminNode::retained(std::string_view filter, std::string_view cursor, std::size_t limit,
                         std::size_t payload_max, ThenPage<core::RetainedView> then) {
    const auto from = [](const core::RetainedPlace& place) {
        return place == core::RetainedPlace{} ? std::nullopt : std::optional(place);
    };
    give_page<core::RetainedView, core::RetainedPlace>(
        broker_, {0, 0}, cursor, limit,
        [from, filter = std::string(filter), payload_max](
            core::Shard& shard, const core::RetainedPlace& place, std::size_t wanted,
            const core::Now& now) {
            return shard.retained(filter, from(place), wanted, payload_max, now);
        },
        std::move(then));
}

}  // namespace godwit::server
