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
    for (const auto* key : {"cluster", "bridges"}) {
        EXPECT_THAT(text, Not(HasSubstr(key)));
    }
}

TEST(PrintTest, GivesJsonOfTheSameTypesWithoutSecrets) {
    const Loaded loaded = load_text(
        "node: {name: \"12\", data_dir: /d}\nlisteners: [{bind: 'unix:/s'}]\n"
        "auth: {users: [{username: a, password_hash: "
        "'$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'}]}",
        "f.yaml");
    ASSERT_TRUE(std::holds_alternative<Config>(loaded)) << std::get<Error>(loaded).message;
    const std::string json = to_json(std::get<Config>(loaded));
    EXPECT_THAT(json, HasSubstr(R"("node":{"name":"12","threads":0,"data_dir":"/d"})"));
    EXPECT_THAT(json, HasSubstr(R"("max_packet_size":"1MiB","max_qos":2)"));
    EXPECT_THAT(json, HasSubstr(R"("wildcard_subscriptions":true)"));
    EXPECT_THAT(json, HasSubstr(R"("bind":"unix:/s")"));
    EXPECT_THAT(json, HasSubstr(R"("username":"a","password_hash":"***")"));
    EXPECT_THAT(json, Not(HasSubstr("argon2id")));
    EXPECT_THAT(json, HasSubstr(R"("token_file":"/d/admin.token")"));
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
