// Carries mail between shards on different threads: one inbox a shard, first in, first out. A shard
// is told once that its inbox has mail, however much comes until it looks. Credit bounds the bytes
// in an inbox.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "godwit/core/handle.hpp"
#include "godwit/core/mail.hpp"
#include "godwit/core/mutex.hpp"

namespace godwit::server {

class Mailroom {
public:
    static constexpr std::size_t kInboxMax = 16UL * 1024 * 1024;  // bytes of credit an inbox

    // How shards are reached; called on any thread, must only pass it on.
    struct Bells {
        std::function<void(core::ShardIndex)> mail;    // collect() is due on that shard's thread
        std::function<void(core::ShardIndex)> credit;  // some inbox has room again
    };

    Mailroom(std::size_t shards, Bells bells, std::size_t inbox_max = kInboxMax);
    ~Mailroom();

    // The port of one shard, for its thread.
    [[nodiscard]] core::Mailer& mailer(core::ShardIndex from);

    // Takes all mail for a shard out of its inbox, gives its credit back, and calls
    // handle(from, mail) for each.
    template <typename Handle>
    void collect(core::ShardIndex shard, Handle handle) {
        std::vector<Letter> letters = take_out(shard);
        for (Letter& letter : letters)
            handle(letter.from, std::move(letter.mail));
        handled_.fetch_add(letters.size(), std::memory_order_release);
    }

    // Mail sent since the start, and the part of it that collect() has been through with.
    [[nodiscard]] std::size_t sent() const { return sent_.load(std::memory_order_acquire); }
    [[nodiscard]] std::size_t handled() const { return handled_.load(std::memory_order_acquire); }

private:
    struct Letter {
        core::ShardIndex from;
        core::Mail mail;
        std::size_t credit;
    };
    // One a cache line or more, since different threads write them.
    struct alignas(64) Inbox {
        core::Mutex mutex;
        std::vector<Letter> letters GODWIT_GUARDED_BY(mutex);
        std::atomic<std::size_t> credit_taken{0};
        std::atomic<bool> awaited{false};  // somebody found no room
    };
    class Desk;

    [[nodiscard]] bool take_credit(core::ShardIndex to, std::size_t bytes);
    [[nodiscard]] bool try_take(Inbox& inbox, std::size_t bytes);
    void return_credit(core::ShardIndex to, std::size_t bytes);
    void send(core::ShardIndex to, Letter letter);
    [[nodiscard]] std::vector<Letter> take_out(core::ShardIndex shard);

    const std::size_t inbox_max_;
    const Bells bells_;
    std::vector<std::unique_ptr<Inbox>> inboxes_;
    std::vector<std::unique_ptr<Desk>> desks_;
    std::atomic<std::size_t> sent_{0};
    std::atomic<std::size_t> handled_{0};
};

}  // namespace godwit::server
