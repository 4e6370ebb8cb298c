#include "metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace godwit::admin {
namespace {

using testing::HasSubstr;

template <std::size_t kSize, typename Name>
std::uint64_t& at(std::array<std::uint64_t, kSize>& values, Name name) {
    return values[static_cast<std::size_t>(name)];
}

TEST(MetricsTest, EverySeriesIsThereBeforeAnythingHappened) {
    const std::string text = metrics_text({}, "1.2.3");
    for (const char* line : {
             "godwit_connections 0\n",
             "godwit_sessions{state=\"connected\"} 0\n",
             "godwit_sessions{state=\"persistent\"} 0\n",
             "godwit_subscriptions 0\n",
             "godwit_shared_subscriptions 0\n",
             "godwit_retained_messages 0\n",
             "godwit_messages_received_total{qos=\"2\"} 0\n",
             "godwit_messages_sent_total{qos=\"0\"} 0\n",
             "godwit_bytes_received_total 0\n",
             "godwit_bytes_sent_total 0\n",
             "godwit_packets_received_total{type=\"connect\"} 0\n",
             "godwit_packets_sent_total{type=\"connack\"} 0\n",
             "godwit_connects_total{result=\"accepted\"} 0\n",
             "godwit_queued_messages 0\n",
             "godwit_inflight_messages 0\n",
             "godwit_publish_latency_seconds_count 0\n",
             "godwit_store_commit_seconds_bucket{le=\"+Inf\"} 0\n",
             "godwit_process_resident_memory_bytes 0\n",
             "godwit_build_info{version=\"1.2.3\"} 1\n",
         }) {
        EXPECT_THAT(text, HasSubstr(line));
    }
    for (std::size_t reason = 0; reason < core::kDropReasons; ++reason) {
        const std::string name(to_string(static_cast<core::DropReason>(reason)));
        EXPECT_THAT(text, HasSubstr("godwit_messages_dropped_total{reason=\"" + name + "\"} 0\n"));
    }
}

TEST(MetricsTest, BucketsAddUp) {
    Totals totals;
    totals.publish_latency = {.bounds = {0.001, 0.01}, .counts = {3, 0, 2}, .sum = 0.5};
    EXPECT_THAT(metrics_text(totals, "1"),
                HasSubstr("godwit_publish_latency_seconds_count 5\n"
                          "godwit_publish_latency_seconds_sum 0.5\n"
                          "godwit_publish_latency_seconds_bucket{le=\"0.001\"} 3\n"
                          "godwit_publish_latency_seconds_bucket{le=\"0.01\"} 3\n"
                          "godwit_publish_latency_seconds_bucket{le=\"+Inf\"} 5\n"));
}

TEST(MetricsTest, WhoWasTurnedAwayAtTheDoorCountsAmongThoseBeyondTheLimit) {
    Totals totals;
    totals.connections_turned_away = 2;
    at(totals.refused, core::CloseReason::connection_limit) = 1;
    EXPECT_THAT(metrics_text(totals, "1"),
                HasSubstr("godwit_connects_total{result=\"connection_limit\"} 3\n"));
}

TEST(MetricsTest, LargeCountersKeepTheirLastDigit) {
    Totals totals;
    totals.bytes_sent = 9'007'199'254'740'991;
    EXPECT_THAT(metrics_text(totals, "1"), HasSubstr("godwit_bytes_sent_total 9007199254740991\n"));
}

}  // namespace
}  // namespace godwit::admin
