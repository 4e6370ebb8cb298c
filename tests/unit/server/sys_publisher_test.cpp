#include "sys_publisher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

namespace godwit::server {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::Field;
using testing::SizeIs;

using Topics = std::vector<admin::SysTopic>;

// What was published, a batch at a time.
class Published {
public:
    SysPublisher::Ports ports() {
        return {[] { return admin::Totals{}; },
                [this](Topics topics) {
                    const std::lock_guard lock(mutex_);
                    batches_.push_back(std::move(topics));
                    came_.notify_all();
                }};
    }
    Topics next() {
        std::unique_lock lock(mutex_);
        if (!came_.wait_for(lock, 20s, [&] { return !batches_.empty(); })) {
            ADD_FAILURE() << "nothing is published";
            return {};
        }
        Topics topics = std::move(batches_.front());
        batches_.pop_front();
        return topics;
    }
    bool empty() {
        const std::lock_guard lock(mutex_);
        return batches_.empty();
    }

private:
    std::mutex mutex_;
    std::condition_variable came_;
    std::deque<Topics> batches_;
};

TEST(SysPublisherTest, PublishesAtOnceAndThenWhatChanges) {
    Published published;
    SysPublisher publisher({.enabled = true, .interval = 100ms}, "1", published.ports());
    EXPECT_THAT(published.next(), SizeIs(testing::Gt(40U)));
    EXPECT_THAT(published.next(), Each(Field(&admin::SysTopic::topic, "$SYS/broker/uptime")));
}

TEST(SysPublisherTest, BeginsOnceItIsEnabled) {
    Published published;
    SysPublisher publisher({.enabled = false, .interval = 1h}, "1", published.ports());
    EXPECT_TRUE(published.empty());
    publisher.enforce({.enabled = true, .interval = 1h});
    EXPECT_THAT(published.next(), SizeIs(testing::Gt(40U)));
}

TEST(SysPublisherTest, TakesAllBackOnceItIsDisabledAndBeginsAgain) {
    Published published;
    SysPublisher publisher({.enabled = true, .interval = 1h}, "1", published.ports());
    const Topics all = published.next();
    publisher.enforce({.enabled = false, .interval = 1h});
    const Topics gone = published.next();
    EXPECT_THAT(gone, SizeIs(all.size()));
    EXPECT_THAT(gone, Each(Field(&admin::SysTopic::payload, "")));
    publisher.enforce({.enabled = true, .interval = 1h});
    EXPECT_THAT(published.next(), SizeIs(all.size()));
}

}  // namespace
}  // namespace godwit::server
