// What a reload says it has changed.
#include "godwit/config/differences.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "godwit/config/load.hpp"
#include "loaded_config.hpp"

namespace godwit::config {
namespace {

using test::config_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> changes(const std::string& from, const std::string& to) {
    std::vector<std::string> lines;
    for (const Difference& one : differences(config_of(from), config_of(to))) {
        lines.push_back(one.key + ": " + one.before + " -> " + one.after +
                        (one.at_next_start ? " (at the next start)" : ""));
    }
    return lines;
}

TEST(DifferencesTest, OfEqualConfigurationsAreNone) {
    EXPECT_THAT(changes("mqtt: {max_qos: 1}", "mqtt: {max_qos: 1, mqtt31: true}"), IsEmpty());
}

TEST(DifferencesTest, NameKeyAndBothValues) {
    EXPECT_THAT(changes("", "mqtt: {max_qos: 1}\nsession: {expiry: 1h}"),
                ElementsAre("mqtt.max_qos: 2 -> 1", "session.expiry: 2h -> 1h"));
}

TEST(DifferencesTest, NameListenersByTheirNames) {
    const std::string one = "listeners: [{name: a, bind: '127.0.0.1:1'}]";
    const std::string two =
        "listeners: [{name: b, bind: '127.0.0.1:2'},"
        " {name: a, bind: '127.0.0.1:1', mount_point: m/}]";
    const auto lines = changes(one, two);
    EXPECT_THAT(lines, testing::Contains("listeners[b].bind:  -> 127.0.0.1:2"));
    EXPECT_THAT(lines, testing::Contains("listeners[a].mount_point: \"\" -> m/"));
    EXPECT_THAT(lines, testing::Not(testing::Contains(testing::HasSubstr("listeners[a].bind"))));
    EXPECT_THAT(changes(two, one), testing::Contains("listeners[b].bind: 127.0.0.1:2 -> "));
}

TEST(DifferencesTest, CountRulesWithoutANameAndShowPlainListsWhole) {
    EXPECT_THAT(changes("", "retained: {expiry_overrides: [{filter: a, expiry: 1h}]}"),
                ElementsAre("retained.expiry_overrides[0].filter:  -> a",
                            "retained.expiry_overrides[0].expiry:  -> 1h",
                            "retained.expiry_overrides: [] -> "));
    EXPECT_THAT(changes("", "log: {outputs: [syslog]}"),
                ElementsAre("log.outputs: [stderr] -> [syslog] (at the next start)"));
}

TEST(DifferencesTest, TellWhatWaitsForTheNextStart) {
    EXPECT_THAT(
        changes("", "node: {threads: 3}\nlog: {level: debug}"),
        ElementsAre("node.threads: 0 -> 3 (at the next start)", "log.level: info -> debug"));
}

TEST(DifferencesTest, ThatWaitAreNotInWhatIsChangeable) {
    const Config from = config_of("");
    const Config to = config_of(
        "node: {name: n, threads: 3, data_dir: /d}\npersistence: {sync: always}\n"
        "log: {format: json, outputs: [syslog], level: debug}\n"
        "admin: {bind: '', token_file: t, dashboard: false, open_metrics: false}\nmqtt: {max_qos: "
        "1}");
    const Config next = changeable(from, to);
    for (const Difference& one : differences(from, next))
        EXPECT_FALSE(one.at_next_start) << one.key;
    for (const Difference& one : differences(next, to))
        EXPECT_TRUE(one.at_next_start) << one.key;
    EXPECT_EQ(differences(from, next).size(), 2);
}

}  // namespace
}  // namespace godwit::config
