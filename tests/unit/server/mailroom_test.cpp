#include "mailroom.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

namespace godwit::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A mail that carries a number.
core::Mail mail(std::uint64_t number) {
    core::Mail items;
    items.emplace_back(core::Answer{number, {}});
    return items;
}

std::uint64_t number_of(const core::Mail& mail) {
    return std::get<core::Answer>(mail.front()).publication;
}

class MailroomTest : public testing::Test {
protected:
    static constexpr std::size_t kInboxMax = 100;

    std::vector<std::uint64_t> collect(core::ShardIndex shard) {
        std::vector<std::uint64_t> numbers;
        room.collect(shard, [&](core::ShardIndex, const core::Mail& received) {
            numbers.push_back(number_of(received));
        });
        return numbers;
    }

    std::vector<core::ShardIndex> mail_bells, credit_bells;
    Mailroom room{3,
                  {.mail = [this](core::ShardIndex shard) { mail_bells.push_back(shard); },
                   .credit = [this](core::ShardIndex shard) { credit_bells.push_back(shard); }},
                  kInboxMax};
};

TEST_F(MailroomTest, BringsMailInOrderAndSaysFromWhom) {
    room.mailer(0).send(2, mail(1), 0);
    room.mailer(1).send(2, mail(2), 0);
    room.mailer(0).send(2, mail(3), 0);
    std::vector<core::ShardIndex> senders;
    room.collect(2, [&](core::ShardIndex from, const core::Mail&) { senders.push_back(from); });
    EXPECT_THAT(senders, ElementsAre(0, 1, 0));
    EXPECT_THAT(collect(2), IsEmpty());
}

TEST_F(MailroomTest, RingsOnceUntilTheInboxWasEmptied) {
    for (int i = 0; i < 10; ++i)
        room.mailer(0).send(1, mail(1), 0);
    EXPECT_THAT(mail_bells, ElementsAre(1));
    EXPECT_EQ(collect(1).size(), 10);
    room.mailer(2).send(1, mail(2), 0);
    EXPECT_THAT(mail_bells, ElementsAre(1, 1));
}

TEST_F(MailroomTest, GivesCreditUpToTheSizeOfAnInbox) {
    core::Mailer& mailer = room.mailer(0);
    EXPECT_TRUE(mailer.take_credit(1, 60));
    EXPECT_FALSE(mailer.take_credit(1, 60));
    EXPECT_TRUE(mailer.take_credit(1, 40));
    EXPECT_TRUE(mailer.take_credit(2, 100)) << "each inbox has its own";
}

TEST_F(MailroomTest, GivesAnEmptyInboxToWhatIsLargerThanAny) {
    core::Mailer& mailer = room.mailer(0);
    EXPECT_TRUE(mailer.take_credit(1, kInboxMax + 1));
    EXPECT_FALSE(mailer.take_credit(1, 1));
}

TEST_F(MailroomTest, CreditComesBackWhenTheMailIsTakenOut) {
    core::Mailer& mailer = room.mailer(0);
    ASSERT_TRUE(mailer.take_credit(1, 100));
    mailer.send(1, mail(1), 100);
    EXPECT_FALSE(mailer.take_credit(1, 1));
    EXPECT_THAT(collect(1), ElementsAre(1));
    EXPECT_TRUE(mailer.take_credit(1, 100));
}

TEST_F(MailroomTest, CreditComesBackBeforeTheMailIsHandled) {
    core::Mailer& mailer = room.mailer(0);
    ASSERT_TRUE(mailer.take_credit(1, 100));
    mailer.send(1, mail(1), 100);
    room.collect(
        1, [&](core::ShardIndex, const core::Mail&) { EXPECT_TRUE(mailer.take_credit(1, 100)); });
}

TEST_F(MailroomTest, TellsWhoFoundNoRoomOnceThereIsSome) {
    core::Mailer& mailer = room.mailer(0);
    ASSERT_TRUE(mailer.take_credit(1, 100));
    mailer.return_credit(1, 50);
    EXPECT_THAT(credit_bells, IsEmpty()) << "nobody waited";
    ASSERT_FALSE(mailer.take_credit(1, 60));
    mailer.return_credit(1, 50);
    EXPECT_THAT(credit_bells, testing::Contains(0));
    credit_bells.clear();
    ASSERT_TRUE(mailer.take_credit(1, 100));
    mailer.return_credit(1, 100);
    EXPECT_THAT(credit_bells, IsEmpty()) << "told once";
}

TEST_F(MailroomTest, CountsWhatIsOnItsWay) {
    room.mailer(0).send(1, mail(1), 0);
    EXPECT_EQ(room.sent(), 1);
    EXPECT_EQ(room.handled(), 0);
    room.collect(1, [&](core::ShardIndex, const core::Mail&) { EXPECT_EQ(room.handled(), 0); });
    EXPECT_EQ(room.handled(), 1);
}

// A shard as a thread that sleeps until a bell rings.
class RunningShard {
public:
    void ring() {
        bells_.fetch_add(1);
        bells_.notify_one();
    }
    // Returns after a bell that was not yet answered.
    void wait() {
        bells_.wait(answered_);
        answered_ = bells_.load();
    }

private:
    std::atomic<int> bells_{0};
    int answered_ = 0;
};

// The sender waits whenever there is no credit, the receiver whenever there is no mail: whichever
// bell is lost, the test stands still.
TEST(MailroomThreadsTest, NoWakeUpIsLostBetweenThreads) {
    constexpr std::uint64_t kMails = 20'000;
    RunningShard shards[3];
    Mailroom room(3,
                  {.mail = [&](core::ShardIndex shard) { shards[shard].ring(); },
                   .credit = [&](core::ShardIndex shard) { shards[shard].ring(); }},
                  50);
    const auto send_all = [&](core::ShardIndex from) {
        for (std::uint64_t i = 0; i < kMails; ++i) {
            while (!room.mailer(from).take_credit(2, 10 + i % 20))
                shards[from].wait();
            room.mailer(from).send(2, mail(i), 10 + i % 20);
        }
    };
    const std::jthread first(send_all, core::ShardIndex{0});
    const std::jthread second(send_all, core::ShardIndex{1});
    std::uint64_t next[2] = {0, 0};
    while (next[0] < kMails || next[1] < kMails) {
        shards[2].wait();
        room.collect(2, [&](core::ShardIndex from, const core::Mail& received) {
            EXPECT_EQ(number_of(received), next[from]);
            ++next[from];
        });
    }
    EXPECT_EQ(room.sent(), room.handled());
}

}  // namespace
}  // namespace godwit::server
