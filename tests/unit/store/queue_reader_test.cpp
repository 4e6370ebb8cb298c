#include "queue_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "faulty_disk.hpp"
#include "scratch_directory.hpp"
#include "store_over.hpp"
#include "stored_records.hpp"

namespace godwit::store {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

TEST(QueueReaderTest, WhatCannotBeReadIsReadOnceItCan) {
    const test::ScratchDirectory scratch;
    const auto disk = std::make_shared<test::FaultyDisk>();
    std::promise<void> committed;
    std::promise<std::string> warned;
    std::promise<core::QueueRead> told;
    test::StoreOver store(scratch.path() / "data", disk, Settings{});
    store.start([&](core::ShardIndex, core::CommitId) { committed.set_value(); },
                [](bool, const std::string&) {});
    store.start_reading([&](core::QueueRead read) { told.set_value(std::move(read)); },
                        [&](const std::string& warning) { warned.set_value(warning); });
    store.store().put_queued(7, test::queue_record(1, "kept"));
    ASSERT_NE(store.store().commit(), 0U);
    committed.get_future().get();
    // From memory into a table, which is opened and read a first time before it goes bad.
    const Rocks& rocks = store.rocks();
    ASSERT_TRUE(rocks.db().Flush({}, rocks.family(Family::queues)).ok());

    disk->fail_reads(true);
    store.store().read_queue({}, 7, 1, 100);
    EXPECT_THAT(warned.get_future().get(), HasSubstr("cannot read queued messages"));
    disk->fail_reads(false);
    const core::QueueRead read = told.get_future().get();
    ASSERT_THAT(read.records, SizeIs(1));
    EXPECT_EQ(test::payload_of(read.records[0].message), "kept");
}

}  // namespace
}  // namespace godwit::store
