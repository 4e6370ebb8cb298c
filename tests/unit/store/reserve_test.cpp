#include "reserve.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "faulty_disk.hpp"
#include "scratch_directory.hpp"

namespace godwit::store {
namespace {

constexpr std::uint64_t kBytes = 3'000'000;

class ReserveTest : public testing::Test {
protected:
    test::ScratchDirectory scratch_;
    const std::shared_ptr<test::FaultyDisk> disk_ = std::make_shared<test::FaultyDisk>();
    const std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(disk_);
    Reserve reserve_{scratch_.path(), kBytes, env_.get()};
};

TEST_F(ReserveTest, TakesItsRoomAndGivesItBack) {
    disk_->set_room(2 * kBytes);
    EXPECT_TRUE(reserve_.fill());
    EXPECT_EQ(disk_->room(), kBytes);
    EXPECT_FALSE(reserve_.is_given());
    EXPECT_TRUE(reserve_.give());
    EXPECT_EQ(disk_->room(), 2 * kBytes);
    EXPECT_TRUE(reserve_.is_given());
    EXPECT_FALSE(reserve_.give());
}

TEST_F(ReserveTest, LeavesAsMuchForOthers) {
    disk_->set_room(2 * kBytes - 1);
    EXPECT_FALSE(reserve_.fill());
    EXPECT_FALSE(reserve_.is_given());
    EXPECT_EQ(disk_->room(), 2 * kBytes - 1);
}

TEST_F(ReserveTest, KeepsNothingOfAFillThatFailed) {
    disk_->set_room(2 * kBytes);
    disk_->fail(1, 2);
    EXPECT_FALSE(reserve_.fill());
    EXPECT_EQ(disk_->room(), 2 * kBytes);
    EXPECT_TRUE(reserve_.fill());
}

TEST_F(ReserveTest, ThatWasGivenIsKnownToTheNextProcess) {
    EXPECT_TRUE(reserve_.fill());
    EXPECT_TRUE(Reserve(scratch_.path(), kBytes).is_full());
    EXPECT_TRUE(reserve_.give());
    EXPECT_TRUE(Reserve(scratch_.path(), kBytes).is_given());
}

TEST_F(ReserveTest, IsAtMostAnEighthOfTheDisk) {
    const std::uint64_t capacity = std::filesystem::space(scratch_.path()).capacity;
    EXPECT_LE(Reserve::fitting(scratch_.path()), capacity / 8);
    EXPECT_LE(Reserve::fitting(scratch_.path()), 32U << 20);
}

}  // namespace
}  // namespace godwit::store
