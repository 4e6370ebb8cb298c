#include "wal_check.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "running_database.hpp"
#include "scratch_directory.hpp"
#include "stored_records.hpp"

namespace godwit::store {
namespace {

// A log as RocksDB writes it, of which a test spoils a copy.
class WalCheckTest : public testing::Test {
protected:
    // Writes batches with payloads of these sizes.
    void write(const std::vector<std::size_t>& payload_sizes) {
        {
            test::RunningDatabase database(scratch_.path() / "data");
            for (const std::size_t size : payload_sizes) {
                const auto sequence = database.store().next_number();
                database.store().put_queued(1,
                                            test::queue_record(sequence, std::string(size, 'x')));
                database.commit();
            }
        }
        std::ifstream in(wal_files(scratch_.path() / "data").back(), std::ios::binary);
        log_.assign(std::istreambuf_iterator<char>(in), {});
    }

    std::optional<WalFault> check(const std::string& bytes) {
        const std::filesystem::path file = scratch_.path() / "spoilt.log";
        std::ofstream(file, std::ios::binary) << bytes;
        return check_wal(file);
    }
    std::optional<WalFault> check_flipped(std::size_t offset) {
        std::string bytes = log_;
        bytes[offset] = static_cast<char>(bytes[offset] ^ 0x41);
        return check(bytes);
    }

    test::ScratchDirectory scratch_;
    std::string log_;
};

TEST_F(WalCheckTest, FindsNoFaultInWhatRocksDbWrites) {
    write({0, 10, 100'000, 32'768 - 7, 32'768, 1, 70'000, 5});
    EXPECT_FALSE(check(log_));
    EXPECT_FALSE(check(""));
}

TEST_F(WalCheckTest, TakesACutAnywhereForATornTail) {
    write({20, 20, 20});
    std::size_t boundaries = 0;
    for (std::size_t size = 0; size < log_.size(); ++size) {
        const std::optional<WalFault> fault = check(log_.substr(0, size));
        boundaries += fault ? 0 : 1;
        if (!fault) continue;
        EXPECT_TRUE(fault->torn) << size;
        EXPECT_EQ(fault->offset + fault->size, size);
        EXPECT_FALSE(check(log_.substr(0, fault->offset))) << size;
    }
    EXPECT_EQ(boundaries, 4U);  // before the reserved numbers and each of the three
}

TEST_F(WalCheckTest, CutsABatchOfManyBlocksAtItsBegin) {
    write({20, 200'000});
    const std::optional<WalFault> fault = check(log_.substr(0, 120'000));
    ASSERT_TRUE(fault);
    EXPECT_TRUE(fault->torn);
    EXPECT_LT(fault->offset, 1'000U);
    // Cut between two blocks, each part of it is whole.
    EXPECT_EQ(check(log_.substr(0, 65'536))->offset, fault->offset);
}

TEST_F(WalCheckTest, TakesAFlippedByteThatValidRecordsFollowForDamage) {
    write({20, 20, 20});
    const std::size_t last = check(log_.substr(0, log_.size() - 1))->offset;
    for (std::size_t offset = 0; offset < last; ++offset) {
        const std::optional<WalFault> fault = check_flipped(offset);
        ASSERT_TRUE(fault) << offset;
        EXPECT_FALSE(fault->torn) << offset;
    }
}

TEST_F(WalCheckTest, TakesAFlippedByteInALargeBatchForDamage) {
    write({200'000, 20});
    for (std::size_t offset = 0; offset < 190'000; offset += 9'973)
        EXPECT_FALSE(check_flipped(offset)->torn) << offset;
}

TEST_F(WalCheckTest, TakesABadLastRecordForATornTail) {
    write({20, 20});
    const std::size_t last = check(log_.substr(0, log_.size() - 1))->offset;
    for (std::size_t offset = last; offset < log_.size(); ++offset) {
        const std::optional<WalFault> fault = check_flipped(offset);
        ASSERT_TRUE(fault) << offset;
        EXPECT_TRUE(fault->torn) << offset;
        EXPECT_EQ(fault->offset, last);
    }
}

TEST_F(WalCheckTest, TakesZerosAtTheEndForATornTail) {
    write({20});
    for (const std::size_t zeros : {1U, 8U, 100'000U}) {
        const std::optional<WalFault> fault = check(log_ + std::string(zeros, '\0'));
        ASSERT_TRUE(fault);
        EXPECT_TRUE(fault->torn);
        EXPECT_EQ(fault->offset, log_.size());
    }
}

// What a client publishes may look like a record, but does not know the sequence number.
TEST_F(WalCheckTest, IsNotMisledByAPayloadThatLooksLikeARecord) {
    write({20, 20});
    const std::string old_records = log_;
    const std::string tail = log_.substr(log_.size() - 10);
    EXPECT_TRUE(check(log_ + tail + old_records)->torn);
}

}  // namespace
}  // namespace godwit::store
