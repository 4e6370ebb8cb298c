#include "godwit/config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "loaded_config.hpp"

namespace godwit::config {
namespace {

using test::config_of;
using test::error_of;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

TEST(LoadTest, TakesDefaultsFromAnEmptyFile) {
    const Config config = config_of("# nothing but a comment\n");
    EXPECT_EQ(config.core.mqtt.max_packet_size, 1024U * 1024);
    EXPECT_EQ(config.core.session.expiry, 2h);
    EXPECT_EQ(config.auth.anonymous, net::Anonymous::automatic);
    ASSERT_EQ(config.net.listeners.size(), 1U);
    EXPECT_EQ(config.net.listeners[0].name, "tcp");
    EXPECT_EQ(net::to_string(config.net.listeners[0].bind), "127.0.0.1:1883");
}

TEST(LoadTest, TakesDefaultsWhereAllKeysOfASectionAreCommentedOut) {
    EXPECT_EQ(config_of("mqtt:\n  # max_qos: 1\n").core.mqtt.max_qos, mqtt::Qos::exactly_once);
}

TEST(LoadTest, ReadsEveryKindOfValue) {
    const Config config = config_of(R"(
node: {name: one, threads: 3, data_dir: /srv/godwit}
mqtt: {max_qos: 1, max_packet_size: 64KiB, mqtt31: false, max_keep_alive: 90}
session: {expiry: 7d, overflow: hold}
retained:
  expiry_overrides:
    - {filter: "sensor/#", expiry: 1h}
    - {filter: "#", expiry: 0}
shared_subscriptions: {strategy: sticky, groups: {workers: hash_topic}}
limits:
  max_connections: 10
  max_connections_per_address: 3
  connect_rate: 100
  backlog: 5
  takeover_rate: 6
  publish_rate: 50
  publish_bytes_rate: 64KiB
  max_subscriptions: 7
  outbound_buffer: 2MiB
  memory_high_water: 1GiB
sys_topics: {enabled: false, interval: 2s}
log:
  level: debug
  format: json
  outputs: [stderr, syslog, {file: /tmp/l, max_size: 1MiB, max_files: 2}]
)");
    EXPECT_EQ(config.node.name, "one");
    EXPECT_EQ(config.node.data_dir, "/srv/godwit");
    EXPECT_EQ(config.net.threads, 3U);
    EXPECT_EQ(config.core.mqtt.max_qos, mqtt::Qos::at_least_once);
    EXPECT_EQ(config.core.mqtt.max_packet_size, 65'536U);
    EXPECT_FALSE(config.core.mqtt.mqtt31);
    EXPECT_EQ(config.core.mqtt.max_keep_alive, 90);
    EXPECT_EQ(config.core.session.expiry, 168h);
    EXPECT_EQ(config.core.session.overflow, core::Overflow::hold);
    ASSERT_EQ(config.core.retained.expiry_overrides.size(), 2U);
    EXPECT_EQ(config.core.retained.expiry_overrides[0].filter, "sensor/#");
    EXPECT_EQ(config.core.retained.expiry_overrides[0].expiry, 1h);
    EXPECT_EQ(config.core.shared_subscriptions.strategy, core::ShareStrategy::sticky);
    EXPECT_THAT(config.core.shared_subscriptions.groups,
                ElementsAre(Pair("workers", core::ShareStrategy::hash_topic)));
    EXPECT_EQ(config.net.limits.max_connections, 10U);
    EXPECT_EQ(config.net.limits.max_connections_per_address, 3U);
    EXPECT_EQ(config.net.limits.connect_rate, 100U);
    EXPECT_EQ(config.net.limits.backlog, 5);
    EXPECT_EQ(config.core.limits.takeover_rate, 6U);
    EXPECT_EQ(config.core.limits.publish_rate, 50U);
    EXPECT_EQ(config.core.limits.publish_bytes_rate, 65'536U);
    EXPECT_EQ(config.core.limits.max_subscriptions, 7U);
    EXPECT_EQ(config.core.limits.outbound_buffer, 2U * 1024 * 1024);
    EXPECT_EQ(config.memory.high_water, 1024UL * 1024 * 1024);
    EXPECT_FALSE(config.sys_topics.enabled);
    EXPECT_EQ(config.sys_topics.interval, 2s);
    EXPECT_EQ(config.log.level, LogLevel::debug);
    EXPECT_EQ(config.log.format, LogFormat::json);
    ASSERT_EQ(config.log.outputs.size(), 3U);
    EXPECT_EQ(config.log.outputs[1].kind, LogOutput::Kind::syslog);
    EXPECT_EQ(config.log.outputs[2].kind, LogOutput::Kind::file);
    EXPECT_EQ(config.log.outputs[2].file, "/tmp/l");
    EXPECT_EQ(config.log.outputs[2].max_files, 2U);
}

TEST(LoadTest, ReadsListeners) {
    const Config config = config_of(R"(
listeners:
  - {name: public, bind: "*:1884", anonymous: deny, max_connections: 9, transport: tcp}
  - {bind: "[::1]:1885", mount_point: "plant/"}
  - {bind: "unix:/run/godwit.sock", socket_mode: "0600"}
)");
    const auto& listeners = config.net.listeners;
    ASSERT_EQ(listeners.size(), 3U);
    EXPECT_EQ(listeners[0].name, "public");
    EXPECT_EQ(listeners[0].anonymous, net::Anonymous::deny);
    EXPECT_EQ(listeners[0].max_connections, 9U);
    EXPECT_EQ(listeners[1].bind, net::Bind(net::TcpBind{"::1", 1885}));
    EXPECT_EQ(listeners[1].mount_point, "plant/");
    EXPECT_EQ(listeners[2].bind, net::Bind(net::UnixBind{"/run/godwit.sock"}));
    EXPECT_EQ(listeners[2].socket_mode, 0600U);
}

TEST(LoadTest, ReadsTls) {
    using Tls = net::TlsSettings;
    const Config config = config_of(R"(
listeners:
  - {name: plain}
  - {name: nothing, tls: }
  - name: tls
    tls: {certificate: c, private_key: k, ca: a, crl: r, client_certificate: optional,
          username_from: subject, min_version: "1.3", ciphers: x}
  - {name: psk, tls: {psk_file: p, username_from: common_name}}
)");
    const auto& listeners = config.net.listeners;
    EXPECT_EQ(listeners[0].tls, std::nullopt);
    EXPECT_EQ(listeners[1].tls, std::nullopt);
    const Tls wanted{.certificate = "c",
                     .private_key = "k",
                     .ca = "a",
                     .crl = "r",
                     .client_certificate = Tls::ClientCertificate::optional,
                     .username_from = Tls::UsernameFrom::subject,
                     .min_version = Tls::Version::tls_1_3,
                     .ciphers = "x"};
    EXPECT_EQ(listeners[2].tls, wanted);
    EXPECT_EQ(listeners[3].tls->psk_file, "p");
    EXPECT_EQ(listeners[3].tls->min_version, Tls::Version::tls_1_2);
}

TEST(LoadTest, ReadsListenersBehindProxies) {
    const Config config = config_of(R"(
listeners:
  - {bind: "*:8083", transport: websocket, path: /ws, trusted_proxies: [10.0.0.0/8, "fd00::1"]}
  - {bind: "*:1884", proxy_protocol: true}
  - {bind: "*:1885", transport: tcp, path: /mqtt, trusted_proxies: []}
)");
    const auto& listeners = config.net.listeners;
    ASSERT_EQ(listeners.size(), 3U);
    EXPECT_EQ(listeners[0].transport, net::Transport::websocket);
    EXPECT_EQ(listeners[0].path, "/ws");
    ASSERT_EQ(listeners[0].trusted_proxies.size(), 2U);
    EXPECT_EQ(listeners[0].trusted_proxies[0].text(), "10.0.0.0/8");
    EXPECT_EQ(listeners[0].trusted_proxies[1].text(), "fd00::1");
    EXPECT_FALSE(listeners[0].proxy_protocol);
    EXPECT_TRUE(listeners[1].proxy_protocol);
    EXPECT_EQ(listeners[1].path, "/mqtt");
    EXPECT_EQ(listeners[2].transport, net::Transport::tcp);
}

TEST(LoadTest, CallsAListenerWithoutANameByItsAddress) {
    EXPECT_EQ(config_of("listeners: [{bind: '*:1884'}]").net.listeners[0].name, "*:1884");
}

TEST(LoadTest, LetsListenersFollowAuthAnonymousWhereverItStands) {
    const auto* listeners = "listeners: [{anonymous: ''}, {anonymous: deny}]\n";
    const auto* auth = "auth: {anonymous: allow}\n";
    for (const std::string& yaml : {std::string(listeners) + auth, std::string(auth) + listeners}) {
        const Config config = config_of(yaml);
        EXPECT_EQ(config.net.listeners[0].anonymous, net::Anonymous::allow);
        EXPECT_EQ(config.net.listeners[1].anonymous, net::Anonymous::deny);
    }
}

TEST(LoadTest, TakesALimitOfZeroForNone) {
    const Config config = config_of(
        "mqtt: {max_topic_length: 0, max_topic_levels: 0, max_client_id_length: 0}\n"
        "session: {max_inflight: 0, max_awaiting_rel: 0}\n");
    EXPECT_EQ(config.core.mqtt.max_topic_length, 65'535U);
    EXPECT_EQ(config.core.mqtt.max_topic_levels, 65'536U);
    EXPECT_EQ(config.core.mqtt.max_client_id_length, 65'535U);
    EXPECT_EQ(config.core.session.max_inflight, 65'535U);
    EXPECT_EQ(config.core.session.max_awaiting_rel, 65'535U);
}

struct Wrong {
    const char* yaml;
    const char* message;
};

class WrongFileTest : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongFileTest, IsExplainedInOneLine) {
    const std::string message = error_of(GetParam().yaml);
    EXPECT_THAT(message, HasSubstr(GetParam().message));
    EXPECT_THAT(message, Not(HasSubstr("\n")));
}

INSTANTIATE_TEST_SUITE_P(
    Keys, WrongFileTest,
    ::testing::Values(
        Wrong{"mqtt:\n  max_qoss: 1\n",
              "f.yaml:2:3: mqtt.max_qoss: unknown key (did you mean 'mqtt.max_qos'?)"},
        Wrong{"mqt: {}\n", "f.yaml:1:1: mqt: unknown key (did you mean 'mqtt'?)"},
        Wrong{"listeners: [{bnid: 'a:1'}]\n",
              "f.yaml:1:14: listeners[0].bnid: unknown key (did "
              "you mean 'listeners[0].bind'?)"},
        Wrong{"zzzzzzzz: 1\n", "f.yaml:1:1: zzzzzzzz: unknown key; here are node, listeners, mqtt"},
        Wrong{"mqtt:\n  max_qos: 1\n  max_qos: 1\n", "f.yaml:3:3: mqtt.max_qos: duplicate key"},
        Wrong{"mqtt: {}\nmqtt: {}\n", "f.yaml:2:1: mqtt: duplicate key"},
        Wrong{"? [a]\n: 1\n", "f.yaml:1:3: expected a key, got a list"},
        Wrong{"retained: {expiry_overrides: [{filter: a}]}",
              "f.yaml:1:31: retained.expiry_overrides[0]: 'expiry' is missing"},
        Wrong{"a\nb: \"\x01\n", "f.yaml:"}));

INSTANTIATE_TEST_SUITE_P(
    Types, WrongFileTest,
    ::testing::Values(
        Wrong{"mqtt:\n  max_qos: two\n",
              "f.yaml:2:12: mqtt.max_qos: expected a whole number, got 'two'"},
        Wrong{"mqtt: {max_qos: \"2\"}", "expected a whole number, got the text '2'"},
        Wrong{"mqtt: {max_qos: [2]}", "expected a whole number, got a list"},
        Wrong{"mqtt: {max_qos: }", "expected a whole number, got nothing"},
        Wrong{"mqtt: {mqtt31: yes}", "mqtt.mqtt31: expected true or false, got 'yes'"},
        Wrong{"mqtt: {max_packet_size: 1MB}", "expected a size such as 512, 64KiB or 1MiB, got"},
        Wrong{"session: {expiry: 10}", "expected a duration such as 500ms, 10s, 5m, 2h or 7d, got"},
        Wrong{"node: {name: {}}", "node.name: expected a text, got a map"},
        Wrong{"mqtt: 5", "f.yaml:1:7: mqtt: expected a map of keys, got '5'"},
        Wrong{"listeners: {}", "listeners: expected a list, got a map"},
        Wrong{"log: {outputs: stderr}", "log.outputs: expected a list, got 'stderr'"},
        Wrong{"shared_subscriptions: {groups: []}", "expected a map, got a list"},
        Wrong{"[1]", "f.yaml:1:1: expected a map of keys, got a list"}));

INSTANTIATE_TEST_SUITE_P(
    Values, WrongFileTest,
    ::testing::Values(
        Wrong{"mqtt: {max_qos: 3}", "f.yaml:1:17: mqtt.max_qos: 3 is out of range (0 to 2)"},
        Wrong{"mqtt: {max_qos: -1}", "-1 is out of range (0 to 2)"},
        Wrong{"mqtt: {connect_timeout: 1ms}", "1ms is out of range (0, or 100ms to 1h)"},
        Wrong{"session: {retry_interval: 1ms}", "1ms is out of range (0, or 1s to 1d)"},
        Wrong{"session: {overflow: drop_old}",
              "expected drop_oldest, drop_newest or hold, got "
              "'drop_old' (did you mean 'drop_oldest'?)"},
        Wrong{"listeners: [{bind: '1883'}]", "expected HOST:PORT, [V6]:PORT, *:PORT or unix:/path"},
        Wrong{"listeners: [{bind: 'a:65536'}]", "listeners[0].bind: expected HOST:PORT"},
        Wrong{"listeners: [{name: a}, {name: a}]",
              "f.yaml:1:24: listeners[1].name: another listener is called 'a' too"},
        Wrong{"listeners: [{anonymous: perhaps}]", "expected auto, allow or deny, got 'perhaps'"},
        Wrong{"listeners: [{mount_point: 'a/#'}]", "expected a topic prefix without wildcards"},
        Wrong{"listeners: [{socket_mode: 0999}]", "expected an octal mode"},
        Wrong{"listeners: [{tls: {}}]", "listeners[0].tls.certificate: is missing"},
        Wrong{"listeners: [{tls: {certificate: c}}]", "listeners[0].tls.private_key: is missing"},
        Wrong{"listeners: [{tls: {certificate: c, psk_file: p}}]",
              "listeners[0].tls.psk_file: takes the place of 'certificate'"},
        Wrong{"listeners: [{tls: {psk_file: p, client_certificate: required}}]",
              "listeners[0].tls.psk_file: takes the place of client certificates"},
        Wrong{"listeners: [{tls: {certificate: c, private_key: k, client_certificate: required}}]",
              "listeners[0].tls.ca: is missing, for client certificates"},
        Wrong{"listeners: [{tls: {certificate: c, private_key: k, ca: a}}]",
              "listeners[0].tls.ca: is for client certificates"},
        Wrong{"listeners: [{tls: {certificate: c, private_key: k, crl: r}}]",
              "listeners[0].tls.crl: is for client certificates"},
        Wrong{"listeners: [{tls: {certificate: c, private_key: k, username_from: subject}}]",
              "listeners[0].tls.username_from: needs client certificates"},
        Wrong{"listeners: [{tls: {min_version: 1.1}}]", "expected 1.2 or 1.3, got '1.1'"},
        Wrong{"listeners: [{transport: websockets}]",
              "expected tcp or websocket, got 'websockets' (did you mean 'websocket'?)"},
        Wrong{"listeners: [{transport: websocket, path: mqtt}]",
              "listeners[0].path: expected a path such as /mqtt, without a query, got 'mqtt'"},
        Wrong{"listeners: [{transport: websocket, path: '/a b'}]", "expected a path"},
        Wrong{"listeners: [{transport: websocket, path: '/a?b'}]", "expected a path"},
        Wrong{"listeners: [{path: /ws}]",
              "f.yaml:1:20: listeners[0].path: is for 'transport: websocket' alone"},
        Wrong{"listeners: [{proxy_protocol: true, trusted_proxies: [10.0.0.0/33]}]",
              "f.yaml:1:54: listeners[0].trusted_proxies[0]: expected a network such as "
              "10.0.0.0/8 or fd00::/8, got '10.0.0.0/33'"},
        Wrong{"listeners: [{proxy_protocol: true, trusted_proxies: 10.0.0.0/8}]",
              "listeners[0].trusted_proxies: expected a list"},
        Wrong{"listeners: [{trusted_proxies: [10.0.0.0/8]}]",
              "f.yaml:1:31: listeners[0].trusted_proxies: is for 'proxy_protocol: true' or "
              "'transport: websocket'"},
        Wrong{"retained: {expiry_overrides: [{filter: 'a/#/b', expiry: 1h}]}",
              "retained.expiry_overrides[0].filter: expected a topic filter, got the text 'a/#/b'"},
        Wrong{"retained: {expiry_overrides: [{filter: 'a+', expiry: 1h}]}",
              "expected a topic filter"},
        Wrong{"shared_subscriptions: {groups: {a/b: sticky}}",
              "groups.a/b: a group name is not empty and contains no '/', '+' or '#'"},
        Wrong{"log: {outputs: [{file: ''}]}", "log.outputs[0].file: expected the path of a file"},
        Wrong{"log: {outputs: [{max_files: 1}]}", "log.outputs[0]: 'file' is missing"},
        Wrong{"acl: {default: ask}", "acl.default: expected auto, allow or deny, got 'ask'"},
        Wrong{"acl: {on_denied_publish: close}", "expected ignore or disconnect, got 'close'"},
        Wrong{"acl: {rules: [{topics: [a]}]}", "acl.rules[0]: 'permit' is missing"},
        Wrong{"acl: {rules: [{permit: allow}]}", "acl.rules[0]: 'topics' is missing"},
        Wrong{"acl: {rules: [{permit: allow, topics: []}]}",
              "acl.rules[0].topics: a rule needs a topic; '#' means all"},
        Wrong{"acl: {rules: [{permit: alow, topics: [a]}]}", "(did you mean 'allow'?)"},
        Wrong{"acl: {rules: [{permit: allow, topic: [a]}]}",
              "acl.rules[0].topic: unknown key (did you mean 'acl.rules[0].topics'?)"},
        Wrong{"acl: {rules: [{permit: allow, topics: ['a/#/b']}]}",
              "topics[0]: expected a topic filter, or 'eq' and one, got the text 'a/#/b'"},
        Wrong{"acl: {rules: [{permit: allow, address: 10.0.0.0/33, topics: [a]}]}",
              "address: expected a network such as 10.0.0.0/8 or fd00::/8, got '10.0.0.0/33'"}));

INSTANTIATE_TEST_SUITE_P(
    Admin, WrongFileTest,
    ::testing::Values(
        Wrong{"admin: {bind: 'unix:/a'}",
              "admin.bind: expected HOST:PORT, [V6]:PORT, *:PORT or an empty text, got the text "
              "'unix:/a'"},
        Wrong{"admin: {bind: 18083}", "admin.bind: expected HOST:PORT"},
        Wrong{"admin: {tls: {certificate: c}}", "admin.tls.private_key: is missing"},
        Wrong{"admin: {tls: {private_key: k}}", "admin.tls.certificate: is missing"},
        Wrong{"admin: {tls: {ca: c}}", "admin.tls.ca: unknown key"},
        Wrong{"admin: {dashbord: true}", "(did you mean 'admin.dashboard'?)"}));

TEST(LoadTest, ReadsTheAdminInterface) {
    Config config = config_of("node: {data_dir: /d}");
    ASSERT_TRUE(config.admin.bind);
    EXPECT_EQ(config.admin.bind->host, "127.0.0.1");
    EXPECT_EQ(config.admin.bind->port, 18083);
    EXPECT_EQ(config.admin.token_file, "/d/admin.token");
    EXPECT_TRUE(config.admin.dashboard);
    EXPECT_TRUE(config.admin.open_metrics);
    EXPECT_FALSE(config.admin.tls);

    config =
        config_of("admin: {bind: '*:1', token_file: /t, tls: {certificate: c, private_key: k}}");
    EXPECT_EQ(config.admin.bind->host, "");
    EXPECT_EQ(config.admin.token_file, "/t");
    EXPECT_EQ(config.admin.tls->private_key, "k");
    EXPECT_FALSE(config_of("admin: {bind: '', tls: {}}").admin.bind);
}

INSTANTIATE_TEST_SUITE_P(NotBuiltYet, WrongFileTest,
                         ::testing::Values(Wrong{"cluster: {}", "cluster: not supported yet"},
                                           Wrong{"bridges: []", "bridges: not supported yet"}));

INSTANTIATE_TEST_SUITE_P(
    Documents, WrongFileTest,
    ::testing::Values(Wrong{"mqtt: [", "not valid YAML: "},
                      Wrong{"a: b: c", "f.yaml:1:5: not valid YAML: illegal map value"},
                      Wrong{"--- {}\n--- {}\n", "f.yaml:2:1: more than one YAML document"},
                      Wrong{"[],\n", "f.yaml:1:3: more than one YAML document"},
                      Wrong{"mqtt: *nobody\n", "not valid YAML: "}));

TEST(LoadTest, ReadsRules) {
    const Config config = config_of(R"(
acl:
  default: allow
  on_denied_publish: disconnect
  file: /etc/acl
  rules:
    - {permit: deny, action: publish, username: alice, topics: ["a/%u/#", "eq b/#"]}
    - {permit: allow, client_id: c, address: "10.0.0.0/8", topics: ["#"]}
)");
    EXPECT_EQ(config.acl.otherwise, auth::AclSettings::Default::allow);
    EXPECT_EQ(config.core.access.on_denied_publish, core::DeniedPublish::disconnect);
    EXPECT_EQ(config.acl.file, "/etc/acl");
    using Kind = auth::AclTopics::Kind;
    const auth::AclRule first{.permit = auth::AclRule::Permit::deny,
                              .action = auth::AclRule::Action::publish,
                              .username = "alice",
                              .topics = {{"a/%u/#", Kind::pattern}, {"b/#", Kind::exact}}};
    const auth::AclRule second{.client_id = "c",
                               .address = core::AddressRange::parse("10.0.0.0/8"),
                               .topics = {{"#", Kind::pattern}}};
    EXPECT_THAT(config.acl.rules, ElementsAre(first, second));
}

TEST(LoadTest, RefusesWhatIsTooLargeOrTooDeep) {
    EXPECT_EQ(error_of(std::string(2U << 20, '#')), "f.yaml: larger than 1MiB");
    EXPECT_THAT(error_of(std::string(100'000, '[')), HasSubstr("nested too deeply"));
}

TEST(LoadTest, IsNotImpressedByAnAliasBomb) {
    std::string yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 30; ++i) {
        const std::string last = "*a" + std::to_string(i - 1);
        yaml += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
        for (int n = 0; n < 9; ++n)
            yaml += ", " + last;
        yaml += "]\n";
    }
    EXPECT_THAT(error_of(yaml), HasSubstr("f.yaml:1:1: a0: unknown key"));
}

TEST(LoadTest, ExplainsAFileThatCannotBeRead) {
    Sources sources;
    sources.file = "/nowhere/godwit.yaml";
    const Loaded missing = load(sources);
    EXPECT_EQ(std::get<Error>(missing).message,
              "/nowhere/godwit.yaml: cannot be read: No such file or directory");
    sources.file = "/";
    EXPECT_EQ(std::get<Error>(load(sources)).message, "/: cannot be read: Is a directory");
}

}  // namespace
}  // namespace godwit::config
