// The retained messages: one tree by topic level for all shards. Readers take no lock; what they
// see stays valid until the end of their turn (Reclaimer). Writers are serialised by a lock inside
// and may run on any shard's thread. [MQTT-3.3.1-5]
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/core/inspection.hpp"
#include "godwit/core/message.hpp"
#include "godwit/core/mutex.hpp"
#include "godwit/core/reclaim.hpp"
#include "godwit/core/time.hpp"

namespace godwit::core {

struct RetainedNode;

class RetainedTree {
public:
    // A secret key keeps clients from choosing topics whose hashes collide.
    explicit RetainedTree(Reclaimer& reclaimer, std::uint64_t hash_key = 0);
    ~RetainedTree();
    RetainedTree(const RetainedTree&) = delete;
    RetainedTree& operator=(const RetainedTree&) = delete;

    // QoS the message was published with; replays go out at the lower of it and the granted one.
    struct Value {
        MessagePtr message;
        mqtt::Qos qos = mqtt::Qos::at_most_once;
        std::uint64_t version = 0;
        std::optional<WallTime> expires_at;
    };

    // Each write gets the next version; a later version of a topic wins. `messages_max` 0: no
    // limit; beyond it a new topic is refused, and nothing changes: the result is nothing. The
    // broker's own topics are never refused.
    [[nodiscard]] std::optional<std::uint64_t> set(MessagePtr message, mqtt::Qos qos,
                                                   std::optional<WallTime> expires_at,
                                                   std::size_t messages_max);
    // Removes the value of a topic; nothing when there was none.
    std::optional<std::uint64_t> clear(std::string_view topic);

    [[nodiscard]] std::optional<Value> get(std::string_view topic) const;
    // Values, those of the broker's own topics not counted.
    [[nodiscard]] std::size_t size() const { return size_.load(std::memory_order_relaxed); }

    // Where a replay stands. Keeps its place in the tree pinned between slices. The tree outlives
    // it.
    class Cursor;
    // A replay of all that match `filter` [MQTT-3.3.1-6].
    [[nodiscard]] std::unique_ptr<Cursor> replay(std::string_view filter);
    // The same for an operator, who sees the broker's own topics by any wildcard.
    [[nodiscard]] std::unique_ptr<Cursor> list(std::string_view filter);
    // A list goes on at the place of an earlier cursor over the same filter; null where it is not
    // one.
    [[nodiscard]] std::unique_ptr<Cursor> resume(std::string_view filter,
                                                 const RetainedPlace& place);
    // Hands the next values to `visit` until it returns false (that value comes again next time) or
    // the end; true at the end. Values stored after replay() was called may or may not come; no
    // topic comes twice. Expired ones are left out. After `steps_max` steps through the tree, most
    // of which may have led to no value, it stops as well: call again in a later turn. Topics come
    // in the order in which their levels came into being.
    [[nodiscard]] bool advance(Cursor& cursor, WallTime now,
                               const std::function<bool(const Value&)>& visit,
                               std::size_t steps_max = std::numeric_limits<std::size_t>::max());

    // Removes at most `limit` values that expired, each a write with a version of its own; calls
    // `removed` with the topic and that version.
    void expire(WallTime now, std::size_t limit,
                const std::function<void(std::string_view, std::uint64_t)>& removed);
    [[nodiscard]] std::optional<WallTime> next_expiry() const;

private:
    struct Expiry {
        WallTime at;
        std::uint64_t version;
        RetainedNode* node;
        friend bool operator<(const Expiry& a, const Expiry& b) {
            return a.at != b.at ? a.at < b.at : a.version < b.version;
        }
    };

    [[nodiscard]] RetainedNode* child(const RetainedNode& node, std::string_view level) const;
    [[nodiscard]] RetainedNode* find(std::string_view topic) const;
    RetainedNode& make_path(std::string_view topic, std::uint64_t version) GODWIT_REQUIRES(mutex_);
    void append_child(RetainedNode& parent, RetainedNode* child) GODWIT_REQUIRES(mutex_);
    void index_if_many(RetainedNode& parent) GODWIT_REQUIRES(mutex_);
    void put(RetainedNode& node, Value* fresh) GODWIT_REQUIRES(mutex_);
    std::uint64_t remove(RetainedNode& node) GODWIT_REQUIRES(mutex_);
    void prune(RetainedNode* node) GODWIT_REQUIRES(mutex_);
    void pin_place_of(Cursor& cursor);

    Reclaimer& reclaimer_;
    const std::uint64_t hash_key_;
    const std::unique_ptr<RetainedNode> root_;  // the node above the first level
    std::atomic<std::size_t> size_{0};
    // Of the last write. Sequentially consistent: a writer stores here and then reads the router, a
    // subscriber enters the router and then reads here, and one of the two must see the other.
    std::atomic<std::uint64_t> version_{0};
    mutable Mutex mutex_;
    std::set<Expiry> expiries_ GODWIT_GUARDED_BY(mutex_);
};

// Walks the tree depth first without a stack: a node knows its parent and its next sibling, and
// what may follow depends on the filter and the depth alone.
class RetainedTree::Cursor {
public:
    ~Cursor();
    Cursor(const Cursor&) = delete;
    Cursor& operator=(const Cursor&) = delete;

    // Where it stands, for resume(); nothing at the end. A place keeps nothing in the tree.
    [[nodiscard]] std::optional<RetainedPlace> place() const;

private:
    friend class RetainedTree;
    enum class Sees : std::uint8_t { ordinary, everything };
    Cursor(RetainedTree& tree, std::string_view filter, Sees sees);
    // False where the place is not below the filter.
    [[nodiscard]] bool go_to(const RetainedPlace& place);
    void go_behind(std::uint64_t made);

    [[nodiscard]] bool at_match() const;
    void step();
    void leave();
    [[nodiscard]] RetainedNode* first_child() const;
    [[nodiscard]] RetainedNode* eligible(RetainedNode* node, std::size_t depth) const;
    [[nodiscard]] bool any_level(std::size_t depth) const;

    RetainedTree& tree_;
    const std::string filter_;
    std::vector<std::string_view> levels_;  // of filter_, without the '#'
    bool multi_level_ = false;              // filter_ ends with '#'
    // Nodes made later are left out. So a topic that goes and comes again while the replay is under
    // way, and now has another place in the order, does not come twice.
    std::uint64_t newest_;
    const Sees sees_;
    RetainedNode* at_;  // comes next; null at the end
    std::size_t depth_ = 0;
    RetainedNode* pinned_ = nullptr;  // stays in the tree for us
};

}  // namespace godwit::core
