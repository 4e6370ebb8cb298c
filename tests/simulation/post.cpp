#include "post.hpp"

#include <algorithm>
#include <utility>

namespace godwit::simulation {

Post::Post(Stage& stage, Schedule schedule, std::size_t shards, Time delay,
           std::size_t inbox_credit, Doors doors)
    : stage_(stage),
      schedule_(std::move(schedule)),
      delay_(delay),
      inbox_credit_(inbox_credit),
      doors_(std::move(doors)),
      inboxes_(shards) {
    for (std::size_t i = 0; i < shards; ++i) {
        inboxes_[i].awaited.assign(shards, false);
        inboxes_[i].routes.resize(shards);
        desks_.push_back(std::make_unique<Desk>(*this, static_cast<core::ShardIndex>(i)));
    }
}

bool Post::Desk::take_credit(core::ShardIndex to, std::size_t bytes) {
    Inbox& inbox = post_.inboxes_[to];
    // An empty inbox takes any mail, or a large one would never leave.
    if (inbox.credit_taken != 0 && inbox.credit_taken + bytes > post_.inbox_credit_) {
        post_.stage_.say("shard ", from_, " finds no credit of shard ", to);
        inbox.awaited[from_] = true;
        return false;
    }
    inbox.credit_taken += bytes;
    return true;
}

void Post::Desk::return_credit(core::ShardIndex to, std::size_t bytes) {
    post_.give_credit(to, bytes);
}

void Post::Desk::send(core::ShardIndex to, core::Mail mail, std::size_t credit) {
    Stage& stage = post_.stage_;
    Route& route = post_.inboxes_[to].routes[from_];
    route.letters.push_back({std::move(mail), credit});
    route.last_arrival =
        std::max(route.last_arrival, stage.time() + stage.chance.delay(post_.delay_));
    ++post_.under_way_;
    post_.schedule_(route.last_arrival,
                    [post = &post_, to, from = from_] { post->arrive(to, from); });
}

void Post::arrive(core::ShardIndex to, core::ShardIndex from) {
    Inbox& inbox = inboxes_[to];
    Letter letter = std::move(inbox.routes[from].letters.front());
    inbox.routes[from].letters.pop_front();
    --under_way_;
    stage_.say("mail ", from, " -> ", to, ": ", letter.mail.size(), " items");
    give_credit(to, letter.credit);
    doors_.mail(to, from, std::move(letter.mail));
}

void Post::give_credit(core::ShardIndex to, std::size_t bytes) {
    Inbox& inbox = inboxes_[to];
    if (bytes > inbox.credit_taken) throw Broken("more credit was returned than was taken");
    inbox.credit_taken -= bytes;
    if (bytes == 0) return;
    for (std::size_t from = 0; from < inbox.awaited.size(); ++from) {
        if (!inbox.awaited[from]) continue;
        inbox.awaited[from] = false;
        // Never from within a call of the shard.
        schedule_(stage_.time() + stage_.chance.delay(delay_),
                  [this, from] { doors_.credit(static_cast<core::ShardIndex>(from)); });
    }
}

}  // namespace godwit::simulation
