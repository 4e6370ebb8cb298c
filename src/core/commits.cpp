#include "commits.hpp"

#include <utility>

namespace godwit::core {

void Commits::write_later(const Session& session, Sequence sequence, bool urgent) {
    if (unwritten_.empty()) lingers_since_ = context_.now.steady;
    unwritten_.push_back({session.handle, sequence});
    urgent_ = urgent_ || urgent;
}

void Commits::end_turn(const Written& written) {
    if (!context_.durable) return;
    const bool lingers = !unwritten_.empty() && unwritten_.size() < kLingerEntriesMax &&
                         context_.now.steady < lingers_since_ + context_.store.linger();
    if (lingers && !urgent_) return;
    // Actions that need not wait run at once, and may write in their turn.
    while (!close_batch(written)) {
        for (const Action& action : std::exchange(actions_, {}))
            action();
    }
}

// False when nothing is to be waited for, but actions are due.
bool Commits::close_batch(const Written& written) {
    write(written);
    urgent_ = false;
    const CommitId commit = context_.store.commit();
    if (commit != 0) {
        committing_.push_back({commit, std::exchange(actions_, {})});
        return true;
    }
    if (committing_.empty()) return actions_.empty();
    // Nothing new to write; what the actions wait for may still be on its way.
    auto& waiting = committing_.back().actions;
    for (Action& action : std::exchange(actions_, {}))
        waiting.push_back(std::move(action));
    return true;
}

void Commits::write(const Written& written) {
    for (const Unwritten& item : std::exchange(unwritten_, {})) {
        Session* session = context_.sessions.find(item.session);
        if (session == nullptr) continue;
        QueueEntry* entry = session->queue.find_sequence(item.sequence);
        if (entry == nullptr || entry->state == DeliveryState::done || entry->stored) continue;
        entry->stored = true;
        context_.store.put_queued(session->incarnation,
                                  {entry->sequence, entry->message, entry->qos, entry->retain,
                                   entry->state, entry->packet_id, entry->group});
        written(*session, *entry);
    }
}

void Commits::on_commit(CommitId commit) {
    while (!committing_.empty() && committing_.front().commit <= commit) {
        const Committing done = std::move(committing_.front());
        committing_.pop_front();
        for (const Action& action : done.actions)
            action();
    }
}

std::optional<SteadyTime> Commits::deadline() const {
    if (unwritten_.empty()) return std::nullopt;
    return lingers_since_ + context_.store.linger();
}

}  // namespace godwit::core
