#include "godwit/mosquitto/import.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "godwit/config/load.hpp"

namespace godwit::mosquitto {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using namespace std::chrono_literals;

Import import_of(std::string_view text) {
    auto outcome = import_text(text, "m.conf");
    if (const auto* refusal = std::get_if<Refusal>(&outcome)) {
        ADD_FAILURE() << refusal->message;
        return {};
    }
    return std::get<Import>(std::move(outcome));
}

std::string refusal_of(std::string_view text) {
    const auto outcome = import_text(text, "m.conf");
    const auto* refusal = std::get_if<Refusal>(&outcome);
    return refusal == nullptr ? "" : refusal->message;
}

// What Godwit makes of the translation.
config::Config config_of(std::string_view text) {
    const std::string yaml = import_of(text).yaml;
    auto loaded = config::load_text(yaml, "g.yaml");
    if (const auto* error = std::get_if<config::Error>(&loaded)) {
        ADD_FAILURE() << error->message << "\n" << yaml;
        return {};
    }
    return std::get<config::Config>(std::move(loaded));
}

std::vector<std::string> binds_of(std::string_view text) {
    std::vector<std::string> binds;
    for (const auto& listener : config_of(text).net.listeners)
        binds.push_back(net::to_string(listener.bind));
    return binds;
}

net::ListenerSettings listener_of(std::string_view text) {
    const auto listeners = config_of(text).net.listeners;
    if (listeners.size() == 1) return listeners.front();
    ADD_FAILURE() << listeners.size() << " listeners";
    return {};
}

constexpr auto kTls = "listener 8883\ncertfile c.pem\nkeyfile k.pem\n";

// --- What can be read

TEST(ImportTest, TakesAnEmptyFileForMosquittosDefaults) {
    const config::Config config = config_of("# nothing\n\n");
    ASSERT_EQ(config.net.listeners.size(), 1U);
    EXPECT_EQ(net::to_string(config.net.listeners[0].bind), "127.0.0.1:1883");
    EXPECT_EQ(config.net.listeners[0].anonymous, net::Anonymous::allow);
    EXPECT_EQ(config.core.session.expiry, 0s);
    EXPECT_EQ(config.core.session.max_inflight, 20U);
    EXPECT_EQ(config.core.session.max_queued_messages, 1000U);
    EXPECT_EQ(config.core.session.max_queued_bytes, 0U);
    EXPECT_EQ(config.core.session.overflow, core::Overflow::drop_newest);
    EXPECT_EQ(config.core.mqtt.max_packet_size, 0U);
    EXPECT_FALSE(config.persistence.enabled);
}

TEST(ImportTest, BearsWithBlanksAndWindowsLines) {
    EXPECT_THAT(binds_of("  listener   1884   127.0.0.1 \r\n\tallow_anonymous true\r\n"),
                ElementsAre("127.0.0.1:1884"));
}

TEST(ImportTest, RefusesWhatIsNoMosquittoConf) {
    EXPECT_THAT(refusal_of("mqtt:\n  max_qos: 1\n"), HasSubstr("m.conf: none of its lines"));
    EXPECT_THAT(refusal_of("port 1883\n\xff\xfe\n"), HasSubstr("m.conf:2: not text in UTF-8"));
    const auto missing = import_file("/nonexistent/m.conf");
    ASSERT_TRUE(std::holds_alternative<Refusal>(missing));
    EXPECT_THAT(std::get<Refusal>(missing).message,
                HasSubstr("/nonexistent/m.conf: cannot be read: No such file"));
}

TEST(ImportTest, KeepsAnUnknownOptionAndNamesTheNearest) {
    const Import import = import_of("port 1883\nmax_conections 5\n");
    EXPECT_THAT(import.yaml, HasSubstr("# line 2: `max_conections 5`: mosquitto 2.0 has no such "
                                       "option (did you mean 'max_connections'?)\n"));
    EXPECT_THAT(import.warnings, ElementsAre(HasSubstr("m.conf:2: max_conections 5: ")));
}

TEST(ImportTest, KeepsAValueThatMosquittoRefuses) {
    EXPECT_THAT(import_of("persistence yes\n").warnings,
                ElementsAre(HasSubstr("mosquitto expects true or false here")));
    EXPECT_THAT(import_of("listener 70000\n").warnings, ElementsAre(HasSubstr("a port")));
    EXPECT_THAT(import_of("persistent_client_expiration 5x\n").warnings,
                ElementsAre(HasSubstr("h, d, w, m or y")));
    EXPECT_THAT(import_of("max_inflight_messages many\n").warnings,
                ElementsAre(HasSubstr("a whole number")));
}

TEST(ImportTest, WritesNoSecretDown) {
    const std::string yaml = import_of(
                                 "connection c\nremote_password geheim\nlocal_password geheim\n"
                                 "password geheim\nbridge_psk geheim\nauth_opt_db geheim\n"
                                 "plugin_opt_db geheim\ntls_engine_kpass_sha1 geheim\n")
                                 .yaml;
    EXPECT_THAT(yaml, AllOf(HasSubstr("`remote_password ***`"), Not(HasSubstr("geheim"))));
}

TEST(ImportTest, IsNotLedAstrayByControlCharacters) {
    const Import import = import_of("connection a\x1b[2J\x07\npassword_file /tmp/a\tb\"\\\n");
    EXPECT_THAT(import.yaml, AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("\x07"))));
    EXPECT_EQ(config_of("password_file /tmp/a\tb\"\\\n").auth.chain.password_file, "/tmp/a\tb\"\\");
}

class IncludeTest : public ::testing::Test {
protected:
    IncludeTest() { std::filesystem::create_directories(folder_ / "d"); }
    ~IncludeTest() override { std::filesystem::remove_all(folder_); }

    std::string file(const std::string& name, const std::string& text) {
        std::ofstream(folder_ / name) << text;
        return (folder_ / name).string();
    }
    std::string include() const { return "include_dir " + (folder_ / "d").string() + "\n"; }

    std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() /
        ("godwit-import-" +
         std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()) +
         std::to_string(::getpid()));
};

TEST_F(IncludeTest, ReadsTheFilesOfADirectoryInMosquittosOrder) {
    for (const std::string name : {"b", "A", "01", "a", "B", "00"})
        file("d/" + name + ".conf", "log_dest file " + name + "\n");
    file("d/c.conf.bak", "log_dest file c\n");
    const auto outcome = import_file(file("m.conf", include()));
    ASSERT_TRUE(std::holds_alternative<Import>(outcome));
    EXPECT_THAT(std::get<Import>(outcome).yaml,
                HasSubstr(R"([{file: "00"}, {file: "01"}, {file: "A"}, {file: "a"}, {file: "B"}, )"
                          R"({file: "b"}])"));
}

TEST_F(IncludeTest, LetsEachFileHaveItsCurrentListener) {
    file("d/a.conf", "listener 1885 127.0.0.1\nmax_connections 5\n");
    const auto outcome = import_file(
        file("m.conf", "listener 1884 127.0.0.1\n" + include() + "max_connections 3\n"));
    ASSERT_TRUE(std::holds_alternative<Import>(outcome));
    const auto loaded = config::load_text(std::get<Import>(outcome).yaml, "g.yaml");
    const auto& listeners = std::get<config::Config>(loaded).net.listeners;
    ASSERT_EQ(listeners.size(), 2U);
    EXPECT_EQ(listeners[0].max_connections, 3U);
    EXPECT_EQ(listeners[1].max_connections, 5U);
}

TEST_F(IncludeTest, NamesTheFileOfALineAndOneThatIsMissing) {
    const std::string included = file("d/a.conf", "\nhttp_dir /srv\n");
    auto outcome = import_file(file("m.conf", include()));
    ASSERT_TRUE(std::holds_alternative<Import>(outcome));
    EXPECT_THAT(std::get<Import>(outcome).warnings,
                ElementsAre(HasSubstr(included + ":2: http_dir /srv: ")));
    outcome = import_file(file("m.conf", "include_dir /nonexistent/d\n"));
    ASSERT_TRUE(std::holds_alternative<Refusal>(outcome));
    EXPECT_THAT(std::get<Refusal>(outcome).message, HasSubstr("/nonexistent/d: cannot be read"));
}

// --- Listeners

TEST(ImportTest, OpensTheListenersThatMosquittoOpens) {
    EXPECT_THAT(binds_of("port 1890\n"), ElementsAre("*:1890"));
    EXPECT_THAT(binds_of("bind_address 127.0.0.1\n"), ElementsAre("127.0.0.1:1883"));
    EXPECT_THAT(binds_of("listener 1884\nlistener 1885 ::1\nlistener 1886 localhost\n"),
                ElementsAre("*:1884", "[::1]:1885", "localhost:1886"));
    EXPECT_THAT(binds_of("listener 0 /run/m.sock\n"), ElementsAre("unix:/run/m.sock"));
    EXPECT_THAT(binds_of("port 1883\nlistener 1884\n"), ElementsAre("*:1883", "*:1884"));
    EXPECT_THAT(binds_of("listener 1884\nsocket_domain ipv4\nlistener 1885\nsocket_domain ipv6\n"),
                ElementsAre("0.0.0.0:1884", "[::]:1885"));
    EXPECT_THAT(binds_of("listener 1884\nbind_interface lo\n"), ElementsAre("127.0.0.1:1884"));
}

TEST(ImportTest, OpensTheDefaultListenerBesideOthersWhereALineChangesIt) {
    EXPECT_THAT(binds_of("max_connections 5\nlistener 1884\n"), ElementsAre("*:1883", "*:1884"));
    EXPECT_THAT(binds_of("max_connections -1\nlistener 1884\n"), ElementsAre("*:1884"));
    EXPECT_THAT(binds_of("protocol websockets\nlistener 1884\n"), ElementsAre("*:1883", "*:1884"));
    EXPECT_THAT(binds_of("protocol mqtt\nlistener 1884\n"), ElementsAre("*:1884"));
    EXPECT_THAT(binds_of("per_listener_settings true\npassword_file a\nlistener 1884\n"),
                ElementsAre("*:1883"));  // the other one would let nobody in
    EXPECT_THAT(binds_of("password_file a\nlistener 1884\n"), ElementsAre("*:1884"));
}

TEST(ImportTest, TranslatesWhatAListenerHas) {
    const auto listener =
        listener_of("listener 9001\nprotocol websockets\nmax_connections 7\nmount_point plant/\n");
    EXPECT_EQ(listener.transport, net::Transport::websocket);
    EXPECT_EQ(listener.path, "/mqtt");
    EXPECT_EQ(listener.max_connections, 7U);
    EXPECT_EQ(listener.mount_point, "plant/");
    EXPECT_EQ(listener_of("listener 1884\nmax_connections -1\n").max_connections, 0U);
    EXPECT_EQ(config_of("listener 1884\nmax_qos 1\n").core.mqtt.max_qos, mqtt::Qos::at_least_once);
}

TEST(ImportTest, NamesListenersApart) {
    const auto listeners = config_of("listener 1884 127.0.0.1\nlistener 1884 ::1\n").net.listeners;
    ASSERT_EQ(listeners.size(), 2U);
    EXPECT_EQ(listeners[0].name, "tcp-1884");
    EXPECT_EQ(listeners[1].name, "tcp-1884-2");
}

TEST(ImportTest, WarnsWhereListenersDifferInMaxQos) {
    const Import import = import_of("listener 1\nmax_qos 1\nlistener 2\n");
    EXPECT_THAT(import.warnings, ElementsAre(HasSubstr("m.conf:2: max_qos 1: ")));
    EXPECT_THAT(import.yaml, Not(HasSubstr("max_qos:")));
}

TEST(ImportTest, LeavesOutAListenerThatWouldBeOpenToMore) {
    for (const char* text :
         {"listener 1\nbind_interface eth0\n", "listener 1\nmount_point a/#\n"}) {
        const Import import = import_of(text);
        EXPECT_THAT(binds_of(text), IsEmpty()) << text;
        EXPECT_THAT(import.yaml, HasSubstr("listeners: []\n  # Not opened: ")) << text;
        EXPECT_THAT(import.warnings, ElementsAre(HasSubstr("m.conf:1: listener 1: this listener is "
                                                           "left out: ")))
            << text;
    }
}

// --- TLS

TEST(ImportTest, TranslatesCertificates) {
    const auto tls = listener_of(std::string(kTls) +
                                 "cafile ca.pem\ncrlfile crl.pem\nrequire_certificate true\n"
                                 "use_subject_as_username true\ntls_version tlsv1.3\n"
                                 "ciphers A\nciphers_tls1.3 TLS_B\n")
                         .tls;
    ASSERT_TRUE(tls.has_value());
    EXPECT_EQ(tls->certificate, "c.pem");
    EXPECT_EQ(tls->private_key, "k.pem");
    EXPECT_EQ(tls->ca, "ca.pem");
    EXPECT_EQ(tls->crl, "crl.pem");
    EXPECT_EQ(tls->client_certificate, net::TlsSettings::ClientCertificate::required);
    EXPECT_EQ(tls->username_from, net::TlsSettings::UsernameFrom::subject);
    EXPECT_EQ(tls->min_version, net::TlsSettings::Version::tls_1_3);
    EXPECT_EQ(tls->ciphers, "A:TLS_B");
}

TEST(ImportTest, LetsTheIdentityGoBeforeTheSubject) {
    const auto listener = listener_of(std::string(kTls) +
                                      "cafile ca.pem\nrequire_certificate true\n"
                                      "use_identity_as_username true\n"
                                      "use_subject_as_username true\n");
    EXPECT_EQ(listener.tls->username_from, net::TlsSettings::UsernameFrom::common_name);
}

TEST(ImportTest, AsksForNoCertificateWhereMosquittoDoesNot) {
    const std::string text = std::string(kTls) + "cafile ca.pem\ncrlfile crl.pem\n";
    EXPECT_EQ(listener_of(text).tls->client_certificate, net::TlsSettings::ClientCertificate::none);
    EXPECT_EQ(listener_of(text).tls->ca, "");
    EXPECT_THAT(import_of(text).yaml,
                HasSubstr("# line 4: cafile ca.pem: in vain without require_certificate"));
}

TEST(ImportTest, TranslatesPreSharedKeys) {
    const auto tls = listener_of(
                         "psk_file keys\nlistener 8884\npsk_hint h\nciphers PSK\n"
                         "use_identity_as_username true\n")
                         .tls;
    ASSERT_TRUE(tls.has_value());
    EXPECT_EQ(tls->psk_file, "keys");
    EXPECT_EQ(tls->username_from, net::TlsSettings::UsernameFrom::common_name);
    EXPECT_EQ(tls->ciphers, "PSK");
}

TEST(ImportTest, DoesNotEncryptWhereMosquittoDoesNot) {
    const std::string text = "listener 1884\ncertfile c.pem\nrequire_certificate true\n";
    EXPECT_FALSE(listener_of(text).tls.has_value());
    EXPECT_THAT(import_of(text).yaml,
                HasSubstr("require_certificate true: in vain without certfile and keyfile"));
}

TEST(ImportTest, LeavesOutAListenerWhoseCertificatesItCannotAskFor) {
    for (const char* more :
         {"capath d\nrequire_certificate true\n", "require_certificate true\n",
          "use_identity_as_username true\n", "psk_hint h\n", "tls_keyform engine\n"}) {
        EXPECT_THAT(binds_of(std::string(kTls) + more), IsEmpty()) << more;
    }
    EXPECT_THAT(binds_of("listener 8884\npsk_hint h\n"), IsEmpty());
}

TEST(ImportTest, RaisesOldVersionsOfTls) {
    const std::string text = std::string(kTls) + "tls_version tlsv1.1\n";
    EXPECT_EQ(listener_of(text).tls->min_version, net::TlsSettings::Version::tls_1_2);
    EXPECT_THAT(import_of(text).warnings, ElementsAre(HasSubstr("TLS 1.1")));
}

// --- Access

TEST(ImportTest, LetsStrangersInWhereMosquittoDoes) {
    EXPECT_EQ(listener_of("listener 1884\n").anonymous, net::Anonymous::deny);
    EXPECT_EQ(listener_of("listener 1884\nallow_anonymous true\n").anonymous,
              net::Anonymous::allow);
    EXPECT_EQ(listener_of("password_file p\n").anonymous, net::Anonymous::allow);
    EXPECT_EQ(listener_of("password_file p\nallow_anonymous false\n").anonymous,
              net::Anonymous::deny);
    EXPECT_EQ(listener_of("port 1883\n").anonymous, net::Anonymous::deny);
}

TEST(ImportTest, TakesOverUsersAndRules) {
    const config::Config config =
        config_of("listener 1884\npassword_file /etc/mosquitto/p\nacl_file /etc/mosquitto/a\n");
    EXPECT_EQ(config.auth.chain.password_file, "/etc/mosquitto/p");
    EXPECT_EQ(config.acl.file, "/etc/mosquitto/a");
}

TEST(ImportTest, KeepsListenersApartThatHaveTheirOwnStrangers) {
    const auto listeners = config_of(
                               "per_listener_settings true\nlistener 1884\nallow_anonymous true\n"
                               "listener 1885\npassword_file p\n")
                               .net.listeners;
    ASSERT_EQ(listeners.size(), 2U);
    EXPECT_EQ(listeners[0].anonymous, net::Anonymous::allow);
    EXPECT_EQ(listeners[1].anonymous, net::Anonymous::deny);
}

TEST(ImportTest, LeavesOutAListenerWithOtherUsersOrRules) {
    constexpr auto kFirst = "per_listener_settings true\nlistener 1\npassword_file p\nacl_file a\n";
    for (const char* second : {"listener 2\npassword_file q\nacl_file a\n",
                               "listener 2\npassword_file p\nacl_file b\n", "listener 2\n"}) {
        EXPECT_THAT(binds_of(std::string(kFirst) + second), ElementsAre("*:1")) << second;
    }
    const std::string stricter = std::string(kFirst) + "listener 2\nallow_anonymous true\n";
    EXPECT_THAT(binds_of(stricter), ElementsAre("*:1", "*:2"));
    EXPECT_THAT(import_of(stricter).warnings,
                ElementsAre(HasSubstr("the rules of a are in force here too")));
}

TEST(ImportTest, LetsNobodyInWhomOnlyAPluginKnew) {
    const config::Config config =
        config_of("listener 1884\nallow_anonymous true\nplugin /usr/lib/p.so\n");
    EXPECT_EQ(config.net.listeners.at(0).anonymous, net::Anonymous::deny);
    EXPECT_EQ(config.acl.otherwise, auth::AclSettings::Default::deny);
}

TEST(ImportTest, WarnsOfRulesBehindAMountPoint) {
    EXPECT_THAT(import_of("acl_file a\nlistener 1884\nmount_point m/\n").warnings,
                ElementsAre(HasSubstr("rules see topics without the mount point")));
}

// --- Limits, storage, log

TEST(ImportTest, TranslatesLimits) {
    const config::Config config = config_of(
        "max_inflight_messages 5\nmax_queued_messages 6\nmax_queued_bytes 7\n"
        "queue_qos0_messages true\nmax_packet_size 2000\nmemory_limit 8000000\n"
        "retain_available false\npersistence true\n");
    EXPECT_EQ(config.core.session.max_inflight, 5U);
    EXPECT_EQ(config.core.session.max_queued_messages, 6U);
    EXPECT_EQ(config.core.session.max_queued_bytes, 7U);
    EXPECT_TRUE(config.core.session.queue_qos0);
    EXPECT_EQ(config.core.mqtt.max_packet_size, 2000U);
    EXPECT_EQ(config.memory.high_water, 8'000'000U);
    EXPECT_FALSE(config.core.retained.enabled);
    EXPECT_TRUE(config.persistence.enabled);
}

TEST(ImportTest, KeepsLimitsWithinWhatGodwitTakes) {
    const config::Config config = config_of(
        "max_inflight_messages 99999\nmax_queued_messages 99999999999\n"
        "max_queued_bytes 99999999999999\nmax_packet_size 268435461\n"
        "persistent_client_expiration 999999y\n");
    EXPECT_EQ(config.core.session.max_inflight, 65535U);
    EXPECT_EQ(config.core.mqtt.max_packet_size, 0U);
    EXPECT_EQ(config.core.session.expiry, 24h * 36500);
}

TEST(ImportTest, MakesRoomAroundTheLargestPayload) {
    EXPECT_EQ(config_of("message_size_limit 1000\n").core.mqtt.max_packet_size, 1000U + 65544);
    EXPECT_EQ(
        config_of("message_size_limit 1000\nmax_packet_size 2000\n").core.mqtt.max_packet_size,
        2000U);
    EXPECT_EQ(config_of("message_size_limit 268435455\n").core.mqtt.max_packet_size, 0U);
}

TEST(ImportTest, CountsMonthsAndYearsAsMosquittoDoes) {
    const auto expiry = [](const std::string& text) {
        return config_of("persistent_client_expiration " + text + "\n").core.session.expiry;
    };
    EXPECT_EQ(expiry("3h"), 3h);
    EXPECT_EQ(expiry("14d"), 14 * 24h);
    EXPECT_EQ(expiry("2w"), 14 * 24h);
    EXPECT_EQ(expiry("2m"), 60 * 24h);
    EXPECT_EQ(expiry("1y"), 365 * 24h);
}

TEST(ImportTest, TranslatesTheLog) {
    using Kind = config::LogOutput::Kind;
    const auto log = config_of(
                         "log_dest syslog\nlog_dest stdout\nlog_dest stderr\n"
                         "log_dest file /var/log/m.log\nlog_type error\nlog_type warning\n")
                         .log;
    EXPECT_EQ(log.level, config::LogLevel::warning);
    ASSERT_EQ(log.outputs.size(), 3U);
    EXPECT_EQ(log.outputs[0].kind, Kind::syslog);
    EXPECT_EQ(log.outputs[1].kind, Kind::standard_error);
    EXPECT_EQ(log.outputs[2].file, "/var/log/m.log");
    EXPECT_EQ(config_of("log_type all\n").log.level, config::LogLevel::debug);
    EXPECT_EQ(config_of("log_type error\n").log.level, config::LogLevel::error);
    EXPECT_EQ(config_of("log_type notice\n").log.level, config::LogLevel::info);
    EXPECT_THAT(config_of("log_dest none\n").log.outputs, IsEmpty());
    EXPECT_THAT(config_of("log_type none\n").log.outputs, IsEmpty());
    // Not deaf where only topics heard it.
    EXPECT_EQ(config_of("log_dest topic\n").log.outputs.size(), 1U);
}

TEST(ImportTest, TranslatesTheIntervalOfSysTopics) {
    EXPECT_THAT(import_of("sys_interval 30\n").yaml, HasSubstr("sys_topics:\n  interval: 30s"));
    EXPECT_THAT(import_of("sys_interval 0\n").yaml, HasSubstr("sys_topics:\n  enabled: false"));
}

// --- What has no equivalent

TEST(ImportTest, KeepsABridgeLineByLine) {
    const Import import = import_of("connection c\naddress 10.0.0.1\ntopic a/# out 1\n");
    EXPECT_THAT(import.yaml,
                AllOf(HasSubstr("# line 1: `connection c`: a bridge, a connection to another "
                                "broker, has no equivalent yet\n"),
                      HasSubstr("# line 2: `address 10.0.0.1`: belongs to a bridge, which has no "
                                "equivalent yet\n"),
                      HasSubstr("# line 3: `topic a/# out 1`: belongs to a bridge")));
    EXPECT_THAT(import.warnings, ElementsAre(HasSubstr("m.conf:1: connection c: ")));
}

TEST(ImportTest, IsSilentAboutWhatGodwitDoesAnyway) {
    EXPECT_THAT(import_of("allow_zero_length_clientid true\nupgrade_outgoing_qos false\n"
                          "max_inflight_bytes 0\nmax_keepalive 65535\nset_tcp_nodelay true\n"
                          "autosave_interval 1800\nuse_username_as_clientid false\n"
                          "listener 1884\nallow_anonymous true\n")
                    .warnings,
                ElementsAre());
}

}  // namespace
}  // namespace godwit::mosquitto
