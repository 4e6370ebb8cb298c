// What `godwit check` prints, and the two texts that promise to name every key.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include "godwit/config/load.hpp"

namespace godwit::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string printed(const std::string& yaml) {
    const Loaded loaded = load_text(yaml, "f.yaml");
    const auto* error = std::get_if<Error>(&loaded);
    return error != nullptr ? error->message : to_yaml(std::get<Config>(loaded));
}

std::string file_of_project(const std::string& name) {
    std::ifstream file(std::filesystem::path(GODWIT_PROJECT) / name);
    EXPECT_TRUE(file.is_open()) << name;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

TEST(PrintTest, GivesTheSameConfigurationWhenLoadedAgain) {
    const std::string yaml = R"(
node: {name: "a: \"b\" # c", threads: 2}
listeners:
  - {name: "null", bind: "[::]:0", anonymous: allow, mount_point: "ü/\x01"}
  - {bind: "unix:/run/a b.sock", socket_mode: 0600}
  - {bind: "*:8883", tls: {certificate: "a b", private_key: k, ca: c, client_certificate: optional}}
  - {bind: "*:8884", tls: {psk_file: p, username_from: subject, min_version: 1.3}}
mqtt: {max_qos: 0, max_packet_size: 0, connect_timeout: 1500ms}
retained: {expiry_overrides: [{filter: "+/#", expiry: 0}, {filter: "~", expiry: 90m}]}
shared_subscriptions: {groups: {"true": random, "12": sticky}}
log: {format: json, outputs: [syslog, {file: "a b", max_size: 5000}]}
acl: {default: deny, on_denied_publish: disconnect, rules: [{permit: deny, action: subscribe,
    username: "~", client_id: c, address: "10.0.0.0/8", topics: ["eq #", "%u/+"]}]}
)";
    const std::string once = printed(yaml);
    EXPECT_THAT(once, HasSubstr("anonymous: allow"));
    EXPECT_EQ(printed(once), once);
}

TEST(PrintTest, ShowsEmptyListsAndMaps) {
    const std::string text = printed("listeners: []\nlog: {outputs: []}");
    EXPECT_THAT(text, HasSubstr("listeners: []"));
    EXPECT_THAT(text, HasSubstr("outputs: []"));
    EXPECT_THAT(text, HasSubstr("groups: {}"));
    EXPECT_EQ(printed(text), text);
}

TEST(PrintTest, LeavesOutWhatIsNotSupported) {
    const std::string text = printed("");
    for (const auto* key : {"sys_topics", "cluster"}) {
        EXPECT_THAT(text, Not(HasSubstr(key)));
    }
}

TEST(PrintTest, HasASampleWithEveryDefault) {
    EXPECT_EQ(printed(file_of_project("config/godwit.yaml")), printed(""));
}

// Each line of the printed defaults has one key in front of a colon.
void expect_every_key(const std::string& text) {
    std::istringstream defaults(printed(""));
    for (std::string line; std::getline(defaults, line);) {
        const std::size_t begin = line.find_first_not_of(" -");
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos) continue;
        EXPECT_THAT(text, HasSubstr(line.substr(begin, colon - begin)));
    }
}

TEST(PrintTest, HasASampleWithEveryKey) {
    expect_every_key(file_of_project("config/godwit.yaml"));
}

TEST(PrintTest, HasDocumentationOfEveryKey) {
    expect_every_key(file_of_project("docs/configuration.md"));
}

}  // namespace
}  // namespace godwit::config
