// Every vector through the whole codec: as it is, and arriving split at each byte.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "mqtt_reencode.hpp"
#include "mqtt_vectors.hpp"

namespace godwit::mqtt::test {
namespace {

// Runs the check, which may give up early, on every vector.
template <typename Vectors, typename Check>
void for_each(const Vectors& vectors, Check check) {
    for (const auto& vector : vectors) {
        SCOPED_TRACE(std::string(vector.name));
        check(vector, vector_bytes(vector.text));
    }
}

TEST(ValidVectorTest, IsOneWholePacket) {
    for_each(kValidVectors, [](const ValidVector&, Bytes bytes) {
        const auto frame = next_frame(bytes, kVectorPacketSizeMax);
        ASSERT_TRUE(frame.ok()) << frame.error().detail;
        ASSERT_TRUE(frame.value().has_value());
        EXPECT_EQ(frame.value()->size, bytes.size());
    });
}

TEST(ValidVectorTest, DecodesAndEncodesToTheSameBytes) {
    for_each(kValidVectors, [](const ValidVector& vector, Bytes bytes) {
        const auto frame = next_frame(bytes, kVectorPacketSizeMax);
        ASSERT_TRUE(frame.ok() && frame.value());
        const auto encoded = reencode(*frame.value());
        ASSERT_TRUE(encoded.ok()) << encoded.error().detail;
        const bool same = std::ranges::equal(encoded.value(), bytes);
        EXPECT_EQ(same, vector.canonical);
    });
}

TEST(ValidVectorTest, IsNotYetWholeBeforeItsLastByte) {
    for_each(kValidVectors, [](const ValidVector&, Bytes bytes) {
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            const auto frame = next_frame(bytes.first(size), kVectorPacketSizeMax);
            ASSERT_TRUE(frame.ok()) << "after " << size << " bytes: " << frame.error().detail;
            EXPECT_FALSE(frame.value().has_value()) << "after " << size << " bytes";
        }
    });
}

TEST(BadVectorTest, IsRefusedWithItsError) {
    for_each(kBadVectors, [](const BadVector& vector, Bytes bytes) {
        const auto frame = next_frame(bytes, kVectorPacketSizeMax);
        if (!frame) {
            EXPECT_EQ(frame.error().code, vector.error);
            return;
        }
        ASSERT_TRUE(frame.value().has_value());
        ASSERT_EQ(frame.value()->size, bytes.size());
        const auto encoded = reencode(*frame.value());
        ASSERT_FALSE(encoded.ok());
        EXPECT_EQ(encoded.error().code, vector.error);
    });
}

// Pieces may be refused earlier than the whole, yet never otherwise.
TEST(BadVectorTest, IsNeverJudgedOtherwiseInPieces) {
    for_each(kBadVectors, [](const BadVector&, Bytes bytes) {
        const auto whole = next_frame(bytes, kVectorPacketSizeMax);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            const auto piece = next_frame(bytes.first(size), kVectorPacketSizeMax);
            if (piece) {
                EXPECT_FALSE(piece.value().has_value()) << "after " << size << " bytes";
            } else {
                ASSERT_FALSE(whole.ok()) << "after " << size << " bytes";
                EXPECT_EQ(piece.error().detail, whole.error().detail);
            }
        }
    });
}

}  // namespace
}  // namespace godwit::mqtt::test
