#include "godwit/core/reclaim.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace godwit::core {
namespace {

constexpr std::size_t kAll = 1000;

struct Probe {
    explicit Probe(int& counter) : freed(counter) {}
    ~Probe() { ++freed; }
    int& freed;
};

TEST(Reclaimer, FreesAtOnceWhileEveryShardSleeps) {
    int freed = 0;
    Reclaimer reclaimer(3);
    reclaimer.retire(new Probe(freed));
    EXPECT_EQ(freed, 0);
    reclaimer.collect(kAll);
    EXPECT_EQ(freed, 1);
    EXPECT_EQ(reclaimer.waiting(), 0U);
}

TEST(Reclaimer, KeepsAnObjectUntilEveryAwakeShardHasEndedATurn) {
    int freed = 0;
    Reclaimer reclaimer(3);
    reclaimer.wake(0);
    reclaimer.wake(1);
    reclaimer.retire(new Probe(freed));

    reclaimer.end_turn(0);
    reclaimer.collect(kAll);
    EXPECT_EQ(freed, 0) << "shard 1 may still hold it";
    reclaimer.end_turn(1);
    reclaimer.collect(kAll);
    EXPECT_EQ(freed, 1);
}

TEST(Reclaimer, TakesSleepForTheEndOfATurn) {
    int freed = 0;
    Reclaimer reclaimer(1);
    reclaimer.wake(0);
    reclaimer.retire(new Probe(freed));
    reclaimer.sleep(0);
    reclaimer.collect(kAll);
    EXPECT_EQ(freed, 1);
}

TEST(Reclaimer, DoesNotWaitForAShardThatWokeLater) {
    int freed = 0;
    Reclaimer reclaimer(1);
    reclaimer.retire(new Probe(freed));
    reclaimer.wake(0);
    reclaimer.collect(kAll);
    EXPECT_EQ(freed, 1);
}

TEST(Reclaimer, KeepsWhatWasRetiredAfterATurnForTheNextOne) {
    int freed = 0;
    Reclaimer reclaimer(1);
    reclaimer.wake(0);
    reclaimer.retire(new Probe(freed));
    reclaimer.end_turn(0);
    reclaimer.retire(new Probe(freed));
    reclaimer.collect(kAll);
    EXPECT_EQ(freed, 1);
    EXPECT_EQ(reclaimer.waiting(), 1U);
}

TEST(Reclaimer, CollectsNoMoreThanItIsAllowedAtATime) {
    int freed = 0;
    Reclaimer reclaimer(1);
    for (int i = 0; i < 10; ++i)
        reclaimer.retire(new Probe(freed));
    reclaimer.collect(4);
    EXPECT_EQ(freed, 4);
    EXPECT_EQ(reclaimer.waiting(), 6U);
}

TEST(Reclaimer, FreesWhatIsLeftAtItsEnd) {
    int freed = 0;
    {
        Reclaimer reclaimer(1);
        reclaimer.wake(0);
        reclaimer.retire(new Probe(freed));
        reclaimer.sleep(0);
    }
    EXPECT_EQ(freed, 1);
}

// For the thread and address sanitizers: a value is replaced while others look at it.
TEST(Reclaimer, NeverFreesWhatAReaderLooksAt) {
    constexpr int kReaders = 2;
    constexpr int kWrites = 20'000;
    Reclaimer reclaimer(kReaders);
    std::atomic<int*> shared{new int(0)};
    std::atomic<bool> done{false};

    std::vector<std::thread> readers;
    for (ShardIndex shard = 0; shard < kReaders; ++shard) {
        readers.emplace_back([&, shard] {
            int last = 0;
            reclaimer.wake(shard);
            for (int turn = 0; !done.load(std::memory_order_relaxed); ++turn) {
                const int* const value = shared.load(std::memory_order_acquire);
                EXPECT_GE(*value, last);
                last = *value;
                if (turn % 16 == 0) {
                    reclaimer.sleep(shard);
                    reclaimer.wake(shard);
                } else {
                    reclaimer.end_turn(shard);
                }
            }
            reclaimer.sleep(shard);
        });
    }
    for (int i = 1; i <= kWrites; ++i) {
        reclaimer.retire(shared.exchange(new int(i), std::memory_order_acq_rel));
        reclaimer.collect(kAll);
    }
    done = true;
    for (std::thread& reader : readers)
        reader.join();
    reclaimer.collect(kWrites);
    EXPECT_EQ(reclaimer.waiting(), 0U);
    delete shared.load();
}

}  // namespace
}  // namespace godwit::core
