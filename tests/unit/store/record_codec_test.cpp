#include "record_codec.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <string>

#include "encoded.hpp"
#include "stored_records.hpp"

namespace godwit::store {
namespace {

using core::DeliveryState;
using mqtt::Qos;
using test::encoded;
using test::message;
using test::payload_of;

const core::WallTime kTime{std::chrono::nanoseconds(1'700'000'000'123'456'789)};

core::SessionRecord full_session() {
    core::SessionRecord record;
    record.incarnation = 5;
    record.handle = {3, 70'000, 4'000'000'000};
    record.client_id = "client";
    record.user_name = "user";
    record.mount_point = "mount/";
    record.absence = {kTime, 1ULL << 40};
    return record;
}

core::LoggedPublication full_publication() {
    core::LoggedPublication publication;
    publication.message = message("a/b", "body");
    publication.receivers = {{0, {{1, 2, Qos::exactly_once, 3, true}, {4, 5, Qos::at_least_once}}},
                             {7, {}},
                             {9, {{6, 7, Qos::at_most_once, 8, false}}}};
    publication.qos = Qos::exactly_once;
    publication.retain = true;
    return publication;
}

TEST(RecordCodecTest, KeepsEveryFieldOfASession) {
    const core::SessionRecord record = full_session();
    const auto decoded = decode_session(5, encoded(record));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->incarnation, 5U);
    EXPECT_EQ(decoded->handle, record.handle);
    EXPECT_EQ(decoded->client_id, "client");
    EXPECT_EQ(decoded->user_name, "user");
    EXPECT_EQ(decoded->mount_point, "mount/");
    ASSERT_TRUE(decoded->absence);
    EXPECT_EQ(decoded->absence->since, kTime);
    EXPECT_EQ(decoded->absence->after, 1ULL << 40);
}

TEST(RecordCodecTest, TellsAnEmptyUserNameFromNone) {
    core::SessionRecord record;
    EXPECT_EQ(decode_session(1, encoded(record))->user_name, std::nullopt);
    EXPECT_FALSE(decode_session(1, encoded(record))->absence);
    record.user_name = "";
    EXPECT_EQ(decode_session(1, encoded(record))->user_name, "");
}

TEST(RecordCodecTest, KeepsTimesBefore1970) {
    core::SessionRecord record;
    record.absence = {core::WallTime(std::chrono::nanoseconds(-1)), 0};
    EXPECT_EQ(decode_session(1, encoded(record))->absence->since, record.absence->since);
}

TEST(RecordCodecTest, KeepsTheQosOfASubscription) {
    for (const Qos qos : {Qos::at_most_once, Qos::at_least_once, Qos::exactly_once}) {
        const auto decoded =
            decode_subscription("$share/g/#", encoded(core::SubscriptionRecord{"$share/g/#", qos}));
        ASSERT_TRUE(decoded);
        EXPECT_EQ(decoded->filter, "$share/g/#");
        EXPECT_EQ(decoded->qos, qos);
    }
}

TEST(RecordCodecTest, KeepsEveryFieldOfAReplay) {
    const auto decoded = decode_replay(8, encoded(core::ReplayRecord{8, "a/+", Qos::exactly_once}));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->number, 8U);
    EXPECT_EQ(decoded->filter, "a/+");
    EXPECT_EQ(decoded->qos, Qos::exactly_once);
}

TEST(RecordCodecTest, KeepsEveryFieldOfAQueuedMessage) {
    for (const std::string& payload :
         {std::string(), std::string("x"), std::string(300'000, 'y')}) {
        for (int state = 0; state <= static_cast<int>(DeliveryState::done); ++state) {
            core::QueueRecord record{7,
                                     message("a/b", payload),
                                     Qos::exactly_once,
                                     state % 2 == 0,
                                     static_cast<DeliveryState>(state),
                                     65'535,
                                     std::numeric_limits<std::uint64_t>::max(),
                                     state % 3 == 0};
            const auto decoded = decode_queued(7, encoded(record));
            ASSERT_TRUE(decoded);
            EXPECT_EQ(decoded->sequence, 7U);
            EXPECT_EQ(decoded->message->topic(), "a/b");
            EXPECT_EQ(payload_of(decoded->message), payload);
            EXPECT_EQ(decoded->qos, record.qos);
            EXPECT_EQ(decoded->retain, record.retain);
            EXPECT_EQ(decoded->state, record.state);
            EXPECT_EQ(decoded->packet_id, record.packet_id);
            EXPECT_EQ(decoded->group, record.group);
            EXPECT_EQ(decoded->sent_before, record.sent_before);
        }
    }
}

TEST(RecordCodecTest, KeepsEveryFieldOfAWill) {
    const core::WillRecord record{
        {message("w", ""), core::PublishTarget::Kind::local, Qos::at_least_once, true},
        {"client", "user", "mount/", "[::1]:7"}};
    const auto decoded = decode_will(encoded(record));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->will.message->topic(), "w");
    EXPECT_EQ(payload_of(decoded->will.message), "");
    EXPECT_EQ(decoded->will.kind, core::PublishTarget::Kind::local);
    EXPECT_EQ(decoded->will.qos, Qos::at_least_once);
    EXPECT_TRUE(decoded->will.retain);
    EXPECT_EQ(decoded->author.client_id, "client");
    EXPECT_EQ(decoded->author.user_name, "user");
    EXPECT_EQ(decoded->author.mount_point, "mount/");
    EXPECT_EQ(decoded->author.address, "[::1]:7");
}

TEST(RecordCodecTest, KeepsEveryFieldOfARetainedMessage) {
    core::RetainedRecord record{message("r/t", "value"), Qos::exactly_once, kTime};
    auto decoded = decode_retained("r/t", encoded(record));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->message->topic(), "r/t");
    EXPECT_EQ(payload_of(decoded->message), "value");
    EXPECT_EQ(decoded->qos, Qos::exactly_once);
    EXPECT_EQ(decoded->expires_at, kTime);
    record.expires_at.reset();
    EXPECT_EQ(decode_retained("r/t", encoded(record))->expires_at, std::nullopt);
}

TEST(RecordCodecTest, KeepsEveryFieldOfALoggedPublication) {
    const core::LoggedPublication publication = full_publication();
    const auto decoded = decode_publication(encoded(publication));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->message->topic(), "a/b");
    EXPECT_EQ(payload_of(decoded->message), "body");
    EXPECT_EQ(decoded->qos, Qos::exactly_once);
    EXPECT_TRUE(decoded->retain);
    ASSERT_EQ(decoded->receivers.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(decoded->receivers[i].shard, publication.receivers[i].shard);
        EXPECT_EQ(decoded->receivers[i].receivers, publication.receivers[i].receivers);
    }
}

// Their records are those from before there were superusers.
TEST(RecordCodecTest, AddsNothingToSessionsThatRulesRestrict) {
    core::SessionRecord record = full_session();
    const std::string restricted = encoded(record);
    EXPECT_FALSE(decode_session(5, restricted)->superuser);
    record.superuser = true;
    EXPECT_EQ(encoded(record), restricted + '\1');
    EXPECT_TRUE(decode_session(5, encoded(record))->superuser);
    EXPECT_FALSE(decode_session(5, restricted + '\0'));
    EXPECT_FALSE(decode_session(5, encoded(record) + '\1'));
}

TEST(RecordCodecTest, KeepsWhetherRulesRestrictTheAuthorOfAWill) {
    core::WillRecord record{.will = {.message = message("t", "x")}, .author = {}};
    for (const auto kind : {core::PublishTarget::Kind::ordinary, core::PublishTarget::Kind::local,
                            core::PublishTarget::Kind::reserved}) {
        for (const bool superuser : {false, true}) {
            record.will.kind = kind;
            record.author.superuser = superuser;
            const auto decoded = decode_will(encoded(record));
            ASSERT_TRUE(decoded);
            EXPECT_EQ(decoded->will.kind, kind);
            EXPECT_EQ(decoded->author.superuser, superuser);
        }
    }
    std::string unknown = encoded(record);
    unknown[0] = 8;
    EXPECT_FALSE(decode_will(unknown));
}

TEST(RecordCodecTest, RefusesAValueThatEndsTooEarlyOrTooLate) {
    const std::string session = encoded(full_session());
    const std::string receivers = encoded(full_publication().receivers[0].receivers);
    for (std::size_t size = 0; size < session.size(); ++size)
        EXPECT_FALSE(decode_session(5, session.substr(0, size))) << size;
    for (std::size_t size = 0; size < receivers.size(); ++size)
        EXPECT_FALSE(decode_receivers(receivers.substr(0, size))) << size;
    EXPECT_FALSE(decode_session(5, session + "x"));
    EXPECT_FALSE(decode_receivers(receivers + "x"));

    // Of these the end is payload, as long as it is there.
    const std::string queued = encoded(test::queue_record(1, ""));
    for (std::size_t size = 0; size < queued.size(); ++size)
        EXPECT_FALSE(decode_queued(1, queued.substr(0, size))) << size;
}

TEST(RecordCodecTest, RefusesValuesThatNoRecordHas) {
    EXPECT_FALSE(decode_subscription("a", "\x03"));
    std::string queued = encoded(test::queue_record(1, "x"));
    queued[1] = 2;  // the retain flag
    EXPECT_FALSE(decode_queued(1, queued));
    queued[1] = 0;
    queued[2] = 5;  // the state
    EXPECT_FALSE(decode_queued(1, queued));
}

TEST(RecordCodecTest, RefusesACountBeyondTheValueWithoutMakingRoomForIt) {
    EXPECT_FALSE(decode_receivers("\xFF\xFF\xFF\xFF"));
}

TEST(RecordCodecTest, RefusesATopicThatNoPublishCanCarry) {
    const std::string value = encoded(core::RetainedRecord{message("t", "x")});
    EXPECT_TRUE(decode_retained(std::string(65'535, 't'), value));
    EXPECT_FALSE(decode_retained(std::string(65'536, 't'), value));
}

}  // namespace
}  // namespace godwit::store
