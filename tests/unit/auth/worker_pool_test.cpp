#include "worker_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>

namespace godwit::auth {
namespace {

TEST(WorkerPoolTest, DoesAllJobsItTook) {
    std::promise<void> all_done;
    std::atomic<int> left = 100;
    WorkerPool pool(2, 100);
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(pool.submit([&] {
            if (--left == 0) all_done.set_value();
        }));
    }
    all_done.get_future().wait();
    EXPECT_EQ(pool.taken(), 100U);
}

TEST(WorkerPoolTest, WorksOnAsManyAtOnceAsItHasThreads) {
    std::latch both_begun(2);
    std::latch both_done(2);
    WorkerPool pool(2, 10);
    // Each waits for the other, which takes two threads.
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(pool.submit([&] {
            both_begun.arrive_and_wait();
            both_done.count_down();
        }));
    }
    both_done.wait();  // or the pool would drop what has not begun
}

TEST(WorkerPoolTest, RefusesAJobWhereTooManyWait) {
    std::promise<void> begun;
    std::promise<void> go_on;
    WorkerPool pool(1, 2);
    ASSERT_TRUE(pool.submit([&, gate = go_on.get_future().share()] {
        begun.set_value();
        gate.wait();
    }));
    begun.get_future().wait();
    EXPECT_TRUE(pool.submit([] {}));
    EXPECT_TRUE(pool.submit([] {}));
    EXPECT_FALSE(pool.submit([] {}));
    EXPECT_EQ(pool.taken(), 3U);
    go_on.set_value();
}

TEST(WorkerPoolTest, EndsTheJobThatHasBegunBeforeItIsGone) {
    std::promise<void> begun;
    std::atomic<bool> ended = false;
    {
        WorkerPool pool(1, 10);
        ASSERT_TRUE(pool.submit([&] {
            begun.set_value();
            ended = true;
        }));
        begun.get_future().wait();
    }
    EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace godwit::auth
