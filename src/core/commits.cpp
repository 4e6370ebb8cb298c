#include "commits.hpp"

#include <algorithm>
#include <utility>

namespace godwit::core {

namespace {

// Enough for the age of what lingers; it may wrap.
std::uint32_t milliseconds_of(SteadyTime time) {
    const auto since_start = std::chrono::duration_cast<Duration>(time.time_since_epoch());
    return static_cast<std::uint32_t>(since_start.count());
}

}  // namespace

void Commits::write(const Session& session, const QueueEntry& entry, When when) {
    const Unwritten unwritten{session.handle, entry.sequence};
    if (when == When::later) {
        lingering_.push_back({unwritten, context_.now.steady});
    } else {
        unwritten_.push_back(unwritten);
        urgent_ = true;
    }
}

void Commits::put(const Session& session, QueueEntry& entry) {
    entry.stored = true;
    entry.batch = batch_;
    context_.store.put_queued(session.incarnation, record_of(entry));
}

bool Commits::is_committed(const QueueEntry& entry) const {
    return entry.stored && static_cast<std::int32_t>(entry.batch - committed_) <= 0;
}

void Commits::settled(const QueueEntry& entry) {
    const Duration age{milliseconds_of(context_.now.steady) - entry.queued_at_ms};
    // Where they take long, there is no point in waiting for them.
    if (age <= kLingerMax) slowest_ = std::max(slowest_, age);
}

std::uint32_t Commits::timestamp() const {
    return milliseconds_of(context_.now.steady);
}

Duration Commits::linger() const {
    const Duration least = context_.store.linger();
    if (least.count() == 0) return least;
    return std::clamp(2 * std::max(slowest_, slowest_before_), least, kLingerMax);
}

void Commits::forget_slowest() {
    if (context_.now.steady < forget_at_) return;
    forget_at_ = context_.now.steady + kRemember;
    slowest_before_ = std::exchange(slowest_, Duration{0});
}

// What has lingered long enough is to be written. What was settled meanwhile goes first, so that
// nobody wakes for it.
void Commits::end_linger() {
    const SteadyTime since = context_.now.steady - linger();
    for (; !lingering_.empty(); lingering_.pop_front()) {
        const auto& [item, queued] = lingering_.front();
        if (find(item).entry == nullptr) continue;
        if (queued > since && lingering_.size() <= kLingeringMax) return;
        unwritten_.push_back(item);
    }
}

// Nothing where it need not be written any more.
Commits::Found Commits::find(const Unwritten& item) {
    Session* session = context_.sessions.find(item.session);
    if (session == nullptr) return {};
    QueueEntry* entry = session->queue.find_sequence(item.sequence);
    if (entry == nullptr || entry->state == DeliveryState::done || entry->stored) return {};
    return {session, entry};
}

void Commits::end_turn(const Written& written) {
    if (!context_.durable) return;
    forget_slowest();
    end_linger();
    if (!urgent_ && unwritten_.empty() && !lingering_.empty()) return;
    // Actions that need not wait run at once, and may write in their turn.
    while (!close_batch(written)) {
        for (const Action& action : std::exchange(actions_, {}))
            action();
    }
}

// False when nothing is to be waited for, but actions are due.
bool Commits::close_batch(const Written& written) {
    hand_over(written);
    urgent_ = false;
    const CommitId commit = context_.store.commit();
    if (commit != 0) {
        committing_.push_back({commit, batch_++, std::exchange(actions_, {})});
        return true;
    }
    if (committing_.empty()) return actions_.empty();
    // Nothing new to write; what the actions wait for may still be on its way.
    auto& waiting = committing_.back().actions;
    for (Action& action : std::exchange(actions_, {}))
        waiting.push_back(std::move(action));
    return true;
}

void Commits::hand_over(const Written& written) {
    for (const Unwritten& item : std::exchange(unwritten_, {})) {
        const auto [session, entry] = find(item);
        if (entry == nullptr) continue;
        put(*session, *entry);
        written(*session, *entry);
    }
}

void Commits::on_commit(CommitId commit) {
    while (!committing_.empty() && committing_.front().commit <= commit) {
        const Committing done = std::move(committing_.front());
        committing_.pop_front();
        committed_ = done.batch;
        for (const Action& action : done.actions)
            action();
    }
}

std::optional<SteadyTime> Commits::deadline() const {
    if (lingering_.empty()) return std::nullopt;
    return lingering_.front().since + linger();
}

}  // namespace godwit::core
