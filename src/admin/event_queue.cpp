#include "event_queue.hpp"

#include <utility>

namespace godwit::admin {
namespace {

void append(std::string& text, std::string_view name, const std::string& data) {
    text.append("event: ").append(name).append("\ndata: ").append(data).append("\n\n");
}

}  // namespace

void EventQueue::offer(std::string_view name, std::size_t bytes, Data data) {
    const core::MutexLock lock(mutex_);
    if (ended_) return;
    // An event larger than all the room still fits into an empty queue.
    const bool is_full = events_.size() >= kEventsMax || bytes_ + bytes > kBytesMax;
    if (missed_ != 0 || (is_full && !events_.empty())) {
        ++missed_;  // and what follows too, so that the count stands where they are missing
        return;
    }
    events_.push_back({name, std::move(data)});
    bytes_ += bytes;
    if (events_.size() == 1 && wake_) wake_();
}

void EventQueue::notify(std::function<void()> wake) {
    const core::MutexLock lock(mutex_);
    wake_ = std::move(wake);
    if (!events_.empty() || ended_) wake_();
}

void EventQueue::end() {
    const core::MutexLock lock(mutex_);
    ended_ = true;
    if (wake_) wake_();
}

bool EventQueue::exhausted() const {
    const core::MutexLock lock(mutex_);
    return ended_ && events_.empty() && missed_ == 0;
}

std::string EventQueue::take() {
    std::vector<Event> events;
    std::uint64_t missed = 0;
    {
        const core::MutexLock lock(mutex_);
        events.swap(events_);
        bytes_ = 0;
        missed = std::exchange(missed_, 0);
    }
    std::string text;
    for (const Event& event : events)
        append(text, event.name, event.data());
    if (missed != 0) append(text, "missed", "{\"count\":" + std::to_string(missed) + "}");
    return text;
}

}  // namespace godwit::admin
