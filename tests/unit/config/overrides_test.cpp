// Environment and flags, and which source wins.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "godwit/config/load.hpp"

namespace godwit::config {
namespace {

using ::testing::StartsWith;

Config config_from(const Environment& environment, const Flags& flags,
                   const std::string& yaml = "") {
    Loaded loaded = load_text(yaml, "f.yaml", environment, flags);
    if (const auto* error = std::get_if<Error>(&loaded)) {
        ADD_FAILURE() << error->message;
        return {};
    }
    return std::get<Config>(std::move(loaded));
}

std::string error_from(const Environment& environment, const Flags& flags) {
    const Loaded loaded = load_text("", "f.yaml", environment, flags);
    const auto* error = std::get_if<Error>(&loaded);
    return error != nullptr ? error->message : "none";
}

TEST(OverridesTest, PreferFlagsToEnvironmentToFile) {
    const std::string file = "mqtt: {max_qos: 0, max_topic_levels: 1, max_keep_alive: 1}";
    const Environment environment = {{"GODWIT_MQTT__MAX_TOPIC_LEVELS", "2"},
                                     {"GODWIT_MQTT__MAX_KEEP_ALIVE", "2"}};
    const Flags flags{.set = {"mqtt.max_keep_alive=3"}};
    const auto mqtt = config_from(environment, flags, file).core.mqtt;
    EXPECT_EQ(mqtt.max_qos, mqtt::Qos::at_most_once);
    EXPECT_EQ(mqtt.max_topic_levels, 2U);
    EXPECT_EQ(mqtt.max_keep_alive, 3);
}

TEST(OverridesTest, LetALaterFlagWin) {
    const Flags flags{.set = {"mqtt.max_qos=0", "mqtt.max_qos=1"}};
    EXPECT_EQ(config_from({}, flags).core.mqtt.max_qos, mqtt::Qos::at_least_once);
}

TEST(OverridesTest, TakeWholeListsAndSections) {
    const Environment environment = {
        {"GODWIT_LISTENERS", R"([{name: a, bind: "*:1"}, {name: b, bind: "*:2"}])"},
        {"GODWIT_MQTT", "{max_qos: 0, max_keep_alive: 7}"},
        {"GODWIT_MQTT__MAX_QOS", "1"}};
    const Config config = config_from(environment, {});
    ASSERT_EQ(config.net.listeners.size(), 2U);
    EXPECT_EQ(config.net.listeners[1].name, "b");
    EXPECT_EQ(config.core.mqtt.max_keep_alive, 7);
    EXPECT_EQ(config.core.mqtt.max_qos, mqtt::Qos::at_least_once);
}

TEST(OverridesTest, ReplaceAListOfTheFileAsAWhole) {
    const Environment environment = {{"GODWIT_LOG__OUTPUTS", "[syslog]"}};
    const Config config = config_from(environment, {}, "log: {outputs: [stderr, {file: a}]}");
    ASSERT_EQ(config.log.outputs.size(), 1U);
    EXPECT_EQ(config.log.outputs[0].kind, LogOutput::Kind::syslog);
}

TEST(OverridesTest, IgnoreVariablesOfOthers) {
    config_from({{"GODWIT_BINARY", "/x"}, {"GODWITX__MAX_QOS", "1"}, {"PATH", "/bin"}}, {});
}

TEST(OverridesTest, TakeAnEmptyVariableForAnEmptyText) {
    EXPECT_EQ(config_from({{"GODWIT_LISTENERS", "[{mount_point: }]"}}, {}).net.listeners.size(),
              1U);
    EXPECT_FALSE(config_from({{"GODWIT_NODE__NAME", ""}}, {}).node.name.empty());
}

TEST(OverridesTest, NameTheVariableThatIsWrong) {
    EXPECT_EQ(error_from({{"GODWIT_MQTT__MAX_QOS", "9"}}, {}),
              "GODWIT_MQTT__MAX_QOS: mqtt.max_qos: 9 is out of range (0 to 2)");
    EXPECT_EQ(error_from({{"GODWIT_MQTT__MAX_QO", "1"}}, {}),
              "GODWIT_MQTT__MAX_QO: mqtt.max_qo: unknown key (did you mean 'mqtt.max_qos'?)");
    EXPECT_THAT(error_from({{"GODWIT_NOBODY__KNOWS", "1"}}, {}),
                StartsWith("GODWIT_NOBODY__KNOWS: nobody: unknown key"));
    EXPECT_THAT(error_from({{"GODWIT_MQTT__MAX_QOS", "["}}, {}),
                StartsWith("GODWIT_MQTT__MAX_QOS: not valid YAML: "));
    EXPECT_EQ(error_from({{"GODWIT_CLUSTER__NAME", "x"}}, {}),
              "GODWIT_CLUSTER__NAME: cluster: not supported yet");
}

TEST(OverridesTest, NameTheFlagThatIsWrong) {
    EXPECT_EQ(error_from({}, {.set = {"mqtt.max_qos=9"}}),
              "--set mqtt.max_qos: 9 is out of range (0 to 2)");
    EXPECT_EQ(error_from({}, {.set = {"mqt.max_qos=1"}}),
              "--set mqt.max_qos: mqt: unknown key (did you mean 'mqtt'?)");
    EXPECT_EQ(error_from({}, {.set = {"mqtt.max_qos"}}), "--set mqtt.max_qos: expected KEY=VALUE");
    EXPECT_EQ(error_from({}, {.set = {"listeners=[{bind: x}]"}}),
              "--set listeners: listeners[0].bind: expected HOST:PORT, [V6]:PORT, *:PORT or "
              "unix:/path, got 'x'");
    EXPECT_THAT(error_from({}, {.set = {std::string(100'000, '.') + "=1"}}),
                StartsWith("--set ..."));
    EXPECT_EQ(error_from({}, {.log_level = "warn"}),
              "--log-level: log.level: expected trace, debug, info, warning or error, got 'warn' "
              "(did you mean 'warning'?)");
}

TEST(OverridesTest, LetListenReplaceAllListeners) {
    const Flags flags{.listen = {"127.0.0.1:1", "[::1]:0", "*:2"}};
    const Config config = config_from({{"GODWIT_LISTENERS", "[{bind: 'unix:/a'}]"}}, flags);
    ASSERT_EQ(config.net.listeners.size(), 3U);
    EXPECT_EQ(config.net.listeners[0].bind, net::Bind(net::TcpBind{"127.0.0.1", 1}));
    EXPECT_EQ(config.net.listeners[0].name, "127.0.0.1:1");
    EXPECT_EQ(config.net.listeners[1].bind, net::Bind(net::TcpBind{"::1", 0}));
}

TEST(OverridesTest, ListenOnPlainTcpOnly) {
    EXPECT_EQ(error_from({}, {.listen = {"unix:/a"}}),
              "--listen: expected HOST:PORT, [V6]:PORT or *:PORT, got 'unix:/a'");
}

TEST(OverridesTest, LetListenersOfTheCommandLineFollowAuthAnonymous) {
    const Flags flags{.listen = {"*:1"}, .set = {"auth.anonymous=allow"}};
    EXPECT_EQ(config_from({}, flags).net.listeners[0].anonymous, net::Anonymous::allow);
}

TEST(OverridesTest, FindTheDataDirectory) {
    const auto data_dir = [](Environment environment, const Flags& flags = {},
                             const std::string& yaml = "") {
        return config_from(environment, flags, yaml).node.data_dir;
    };
    Environment environment = {{"HOME", "/home/ada"}};
    EXPECT_EQ(data_dir(environment), "/home/ada/.local/state/godwit");
    environment["XDG_STATE_HOME"] = "relative/and/so/ignored";
    EXPECT_EQ(data_dir(environment), "/home/ada/.local/state/godwit");
    environment["XDG_STATE_HOME"] = "/state";
    EXPECT_EQ(data_dir(environment), "/state/godwit");
    environment["STATE_DIRECTORY"] = "/var/lib/godwit:/var/lib/other";
    EXPECT_EQ(data_dir(environment), "/var/lib/godwit");
    EXPECT_EQ(data_dir(environment, {}, "node: {data_dir: /file}"), "/file");
    EXPECT_EQ(data_dir(environment, {.data_dir = "/flag"}, "node: {data_dir: /file}"), "/flag");
    // A flag's value is no YAML: a quote belongs to the path.
    EXPECT_EQ(data_dir(environment, {.data_dir = "/it's: here"}), "/it's: here");
}

}  // namespace
}  // namespace godwit::config
