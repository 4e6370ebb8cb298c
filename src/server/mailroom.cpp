#include "mailroom.hpp"

#include <utility>

namespace godwit::server {

class Mailroom::Desk final : public core::Mailer {
public:
    Desk(Mailroom& room, core::ShardIndex from) : room_(room), from_(from) {}

    bool take_credit(core::ShardIndex to, std::size_t bytes) override {
        return room_.take_credit(to, bytes);
    }
    void return_credit(core::ShardIndex to, std::size_t bytes) override {
        room_.return_credit(to, bytes);
    }
    void send(core::ShardIndex to, core::Mail mail, std::size_t credit) override {
        room_.send(to, {from_, std::move(mail), credit});
    }

private:
    Mailroom& room_;
    const core::ShardIndex from_;
};

Mailroom::Mailroom(std::size_t shards, Bells bells, std::size_t inbox_max)
    : inbox_max_(inbox_max), bells_(std::move(bells)) {
    for (std::size_t i = 0; i < shards; ++i) {
        inboxes_.push_back(std::make_unique<Inbox>());
        desks_.push_back(std::make_unique<Desk>(*this, static_cast<core::ShardIndex>(i)));
    }
}

Mailroom::~Mailroom() = default;

core::Mailer& Mailroom::mailer(core::ShardIndex from) {
    return *desks_[from];
}

bool Mailroom::take_credit(core::ShardIndex to, std::size_t bytes) {
    Inbox& inbox = *inboxes_[to];
    if (try_take(inbox, bytes)) return true;
    // The inbox may have been emptied since, before its owner could see that we wait. Both sides
    // write first and read then, in one order that all agree on.
    inbox.awaited.store(true, std::memory_order_seq_cst);
    return try_take(inbox, bytes);
}

bool Mailroom::try_take(Inbox& inbox, std::size_t bytes) {
    std::size_t taken = inbox.credit_taken.load(std::memory_order_seq_cst);
    do {
        // What is larger than any inbox gets an empty one.
        if (taken != 0 && taken + bytes > inbox_max_) return false;
    } while (
        !inbox.credit_taken.compare_exchange_weak(taken, taken + bytes, std::memory_order_seq_cst));
    return true;
}

void Mailroom::return_credit(core::ShardIndex to, std::size_t bytes) {
    if (bytes == 0) return;
    Inbox& inbox = *inboxes_[to];
    inbox.credit_taken.fetch_sub(bytes, std::memory_order_seq_cst);
    if (!inbox.awaited.load(std::memory_order_seq_cst)) return;
    if (!inbox.awaited.exchange(false, std::memory_order_seq_cst)) return;
    for (std::size_t i = 0; i < inboxes_.size(); ++i) {
        bells_.credit(static_cast<core::ShardIndex>(i));
    }
}

void Mailroom::send(core::ShardIndex to, Letter letter) {
    sent_.fetch_add(1, std::memory_order_release);
    Inbox& inbox = *inboxes_[to];
    bool first;
    {
        const core::MutexLock lock(inbox.mutex);
        first = inbox.letters.empty();
        inbox.letters.push_back(std::move(letter));
    }
    if (first) bells_.mail(to);
}

std::vector<Mailroom::Letter> Mailroom::take_out(core::ShardIndex shard) {
    Inbox& inbox = *inboxes_[shard];
    std::vector<Letter> letters;
    {
        const core::MutexLock lock(inbox.mutex);
        letters.swap(inbox.letters);
    }
    std::size_t credit = 0;
    for (const Letter& letter : letters)
        credit += letter.credit;
    return_credit(shard, credit);
    return letters;
}

}  // namespace godwit::server
