// What this shard sends to the others at the end of the turn: one batch a shard.
#pragma once

#include <utility>
#include <vector>

#include "godwit/core/mail.hpp"

namespace godwit::core {

class OutgoingMail {
public:
    OutgoingMail(Mailer& mailer, std::size_t shards) : mailer_(mailer), batches_(shards) {}

    [[nodiscard]] bool take_credit(ShardIndex to, std::size_t bytes) {
        return mailer_.take_credit(to, bytes);
    }
    void return_credit(ShardIndex to, std::size_t bytes) { mailer_.return_credit(to, bytes); }

    // `credit`: bytes taken for this item.
    template <typename Item>
    void post(ShardIndex to, Item item, std::size_t credit = 0) {
        Batch& batch = batches_[to];
        batch.mail.emplace_back(std::move(item));
        batch.credit += credit;
        if (batch.credit >= kBatchBytesMax) send(to);
    }

    void end_turn() {
        for (std::size_t to = 0; to < batches_.size(); ++to) {
            if (!batches_[to].mail.empty()) send(static_cast<ShardIndex>(to));
        }
    }

private:
    static constexpr std::size_t kBatchBytesMax = 8UL * 1024 * 1024;

    struct Batch {
        Mail mail;
        std::size_t credit = 0;
    };

    void send(ShardIndex to) {
        Batch batch = std::exchange(batches_[to], {});
        mailer_.send(to, std::move(batch.mail), batch.credit);
    }

    Mailer& mailer_;
    std::vector<Batch> batches_;
};

}  // namespace godwit::core
