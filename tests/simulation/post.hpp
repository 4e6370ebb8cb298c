// Carries mail between the shards of a simulated broker: first in, first out between two shards,
// otherwise as late as chance will have it. Credit bounds what an inbox holds.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "godwit/core/mail.hpp"
#include "stage.hpp"

namespace godwit::simulation {

class Post {
public:
    // How mail and credit reach a shard.
    struct Doors {
        std::function<void(core::ShardIndex to, core::ShardIndex from, core::Mail)> mail;
        std::function<void(core::ShardIndex)> credit;
    };

    // `schedule`: for events of this life of the broker.
    using Schedule = std::function<void(Time, std::function<void()>)>;
    Post(Stage& stage, Schedule schedule, std::size_t shards, Time delay, std::size_t inbox_credit,
         Doors doors);

    [[nodiscard]] core::Mailer& mailer(core::ShardIndex from) { return *desks_[from]; }
    [[nodiscard]] bool empty() const { return under_way_ == 0; }

private:
    class Desk final : public core::Mailer {
    public:
        Desk(Post& post, core::ShardIndex from) : post_(post), from_(from) {}
        bool take_credit(core::ShardIndex to, std::size_t bytes) override;
        void return_credit(core::ShardIndex to, std::size_t bytes) override;
        void send(core::ShardIndex to, core::Mail mail, std::size_t credit) override;

    private:
        Post& post_;
        core::ShardIndex from_;
    };
    struct Letter {
        core::Mail mail;
        std::size_t credit;
    };
    struct Route {
        std::deque<Letter> letters;
        Time last_arrival{0};
    };
    struct Inbox {
        std::size_t credit_taken = 0;
        std::vector<bool> awaited;  // by which shards
        std::vector<Route> routes;  // from each shard
    };

    void arrive(core::ShardIndex to, core::ShardIndex from);
    void give_credit(core::ShardIndex to, std::size_t bytes);

    Stage& stage_;
    const Schedule schedule_;
    const Time delay_;
    const std::size_t inbox_credit_;
    const Doors doors_;
    std::vector<Inbox> inboxes_;
    std::vector<std::unique_ptr<Desk>> desks_;
    std::size_t under_way_ = 0;
};

}  // namespace godwit::simulation
