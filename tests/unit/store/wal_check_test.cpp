#include "wal_check.hpp"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "file_content.hpp"
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
        file_ = wal_files(scratch_.path() / "data").back();
        log_ = test::content_of(file_);
    }

    std::optional<WalLoss> check(const std::string& bytes) {
        const std::filesystem::path file = scratch_.path() / file_.filename();
        std::ofstream(file, std::ios::binary) << bytes;
        return find_loss({file});
    }
    std::optional<WalLoss> check_flipped(std::size_t offset) {
        std::string bytes = log_;
        bytes[offset] = static_cast<char>(bytes[offset] ^ 0x41);
        return check(bytes);
    }

    test::ScratchDirectory scratch_;
    std::filesystem::path file_;
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
        const std::optional<WalLoss> loss = check(log_.substr(0, size));
        boundaries += loss ? 0 : 1;
        if (!loss) continue;
        EXPECT_FALSE(loss->damage) << size;
        EXPECT_EQ(loss->offset + loss->size, size);
        EXPECT_FALSE(check(log_.substr(0, loss->offset))) << size;
    }
    // Before the reserved numbers, each of the three and the last stamp.
    EXPECT_EQ(boundaries, 5U);
}

TEST_F(WalCheckTest, CutsABatchOfManyBlocksAtItsBegin) {
    write({20, 200'000});
    const std::optional<WalLoss> loss = check(log_.substr(0, 120'000));
    ASSERT_TRUE(loss);
    EXPECT_FALSE(loss->damage);
    EXPECT_LT(loss->offset, 1'000U);
    // Cut between two blocks, each part of it is whole.
    EXPECT_EQ(check(log_.substr(0, 65'536))->offset, loss->offset);
}

TEST_F(WalCheckTest, TakesAFlippedByteThatValidRecordsFollowForDamage) {
    write({20, 20, 20});
    const std::size_t last = check(log_.substr(0, log_.size() - 1))->offset;
    for (std::size_t offset = 0; offset < last; ++offset) {
        const std::optional<WalLoss> loss = check_flipped(offset);
        ASSERT_TRUE(loss) << offset;
        EXPECT_TRUE(loss->damage) << offset;
    }
}

TEST_F(WalCheckTest, TakesAFlippedByteInALargeBatchForDamage) {
    write({200'000, 20});
    for (std::size_t offset = 0; offset < 190'000; offset += 9'973)
        EXPECT_TRUE(check_flipped(offset)->damage) << offset;
}

TEST_F(WalCheckTest, TakesABadLastRecordForATornTail) {
    write({20, 20});
    const std::size_t last = check(log_.substr(0, log_.size() - 1))->offset;
    for (std::size_t offset = last; offset < log_.size(); ++offset) {
        const std::optional<WalLoss> loss = check_flipped(offset);
        ASSERT_TRUE(loss) << offset;
        EXPECT_FALSE(loss->damage) << offset;
        EXPECT_EQ(loss->offset, last);
    }
}

TEST_F(WalCheckTest, TakesZerosAtTheEndForATornTail) {
    write({20});
    for (const std::size_t zeros : {1U, 8U, 100'000U}) {
        const std::optional<WalLoss> loss = check(log_ + std::string(zeros, '\0'));
        ASSERT_TRUE(loss);
        EXPECT_FALSE(loss->damage);
        EXPECT_EQ(loss->offset, log_.size());
    }
}

// What a client publishes may look like a record, but does not know the sequence number.
TEST_F(WalCheckTest, IsNotMisledByAPayloadThatLooksLikeARecord) {
    write({20, 20});
    const std::string old_records = log_;
    const std::string tail = log_.substr(log_.size() - 10);
    EXPECT_FALSE(check(log_ + tail + old_records)->damage);
}

// --- What was not synced -----------------------------------------------------------------------

// Logs as a test wants them.
class UnsyncedTest : public testing::Test {
protected:
    static constexpr std::size_t kRecord = 7 + kStampedSize + 4;

    // A log of records that each follow the one before; all say that this was synced.
    std::filesystem::path write(std::uint64_t log, std::size_t records, LogPosition follows,
                                LogPosition synced) {
        rocksdb::Options options;
        std::filesystem::path made;
        {
            const std::filesystem::path directory =
                scratch_.path() / ("made" + std::to_string(log));
            options.create_if_missing = true;
            rocksdb::DB* opened = nullptr;
            EXPECT_TRUE(rocksdb::DB::Open(options, directory, &opened).ok());
            const std::unique_ptr<rocksdb::DB> db(opened);
            for (std::size_t record = 0; record < records; ++record) {
                rocksdb::WriteBatch batch;
                const LogPosition here{log, record};
                put_stamp(batch, {record == 0 ? follows : here, synced});
                EXPECT_TRUE(batch.Put("k", "").ok());
                EXPECT_TRUE(db->Write({}, &batch).ok());
            }
            made = wal_files(directory).back();
        }
        std::filesystem::path file = scratch_.path() / (std::to_string(log) + ".log");
        std::filesystem::rename(made, file);
        EXPECT_EQ(std::filesystem::file_size(file), records * kRecord);
        return file;
    }
    static void spoil(const std::filesystem::path& file, std::uint64_t offset) {
        std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
        stream.seekp(static_cast<std::streamoff>(offset));
        stream << "spoilt";
    }

    test::ScratchDirectory scratch_;
};

TEST_F(UnsyncedTest, IsNoDamage) {
    const auto file = write(5, 4, {}, {5, 1});
    spoil(file, kRecord + 20);
    const std::optional<WalLoss> loss = find_loss({file});
    ASSERT_TRUE(loss);
    EXPECT_FALSE(loss->damage);
    EXPECT_EQ(loss->offset, kRecord);
    EXPECT_EQ(loss->size, 3 * kRecord);
}

TEST_F(UnsyncedTest, EndsWhereASyncIsKnownOf) {
    const auto file = write(5, 4, {}, {5, 2});
    spoil(file, kRecord + 20);
    EXPECT_TRUE(find_loss({file})->damage);
}

TEST_F(UnsyncedTest, TakesLaterLogsWithIt) {
    const std::vector files{write(5, 2, {}, {}), write(6, 2, {5, 2}, {}), write(7, 2, {6, 2}, {})};
    EXPECT_FALSE(find_loss(files));
    spoil(files[1], 20);
    const std::optional<WalLoss> loss = find_loss(files);
    ASSERT_TRUE(loss);
    EXPECT_FALSE(loss->damage);
    EXPECT_EQ(loss->file, files[1]);
    EXPECT_EQ(loss->offset, 0U);
    EXPECT_EQ(loss->later, std::vector{files[2]});
}

// A file whose end is gone at the border of a record looks whole.
TEST_F(UnsyncedTest, IsMissedByTheNextLog) {
    for (const bool synced : {false, true}) {
        const std::vector files{write(5, 2, {}, {}), write(6, 2, {5, 2}, {5, synced ? 2U : 0U})};
        for (const std::size_t left : {1U, 0U}) {
            std::filesystem::resize_file(files[0], left * kRecord);
            const std::optional<WalLoss> loss = find_loss(files);
            ASSERT_TRUE(loss);
            EXPECT_EQ(loss->damage, synced);
            EXPECT_EQ(loss->file, files[0]);
            EXPECT_EQ(loss->offset, left * kRecord);
            EXPECT_EQ(loss->later, std::vector{files[1]});
        }
        std::filesystem::remove_all(scratch_.path() / "made5");
        std::filesystem::remove_all(scratch_.path() / "made6");
    }
}

}  // namespace
}  // namespace godwit::store
