// What a client sees of a TLS listener.
#include "tls.hpp"

#include <gtest/gtest.h>

#include "network_harness.hpp"
#include "scratch_directory.hpp"
#include "test_certificates.hpp"
#include "tls_socket_client.hpp"

namespace godwit::net {
namespace {

using namespace std::chrono_literals;
using test::CertificateAuthority;
using test::Issued;
using test::NetworkHarness;
using test::Socket;
using test::TlsClientOptions;
using test::TlsSocket;
using ClientCertificate = TlsSettings::ClientCertificate;
using UsernameFrom = TlsSettings::UsernameFrom;

class TlsTest : public testing::Test {
protected:
    TlsTest() {
        const Issued issued = authority.issue("localhost");
        tls.certificate = write("server.pem", issued.certificate);
        tls.private_key = write("server.key", issued.key);
    }

    std::string write(const std::string& name, const std::string& text) {
        return test::write_file(folder.path(), name, text);
    }

    [[nodiscard]] Settings settings() const {
        Settings settings;
        settings.listeners[0].bind = TcpBind{"127.0.0.1", 0};
        settings.listeners[0].tls = tls;
        return settings;
    }

    void ask_for_certificates(ClientCertificate how) {
        tls.ca = write("ca.pem", authority.certificate());
        tls.client_certificate = how;
        tls.username_from = UsernameFrom::common_name;
    }

    [[nodiscard]] TlsClientOptions with_certificate(const Issued& issued, int version = 0) const {
        return {.certificate = issued.certificate, .key = issued.key, .version = version};
    }

    void use_psk() {
        tls = {};
        tls.psk_file = write("psk", "pump:4142434445464748\n");
        tls.username_from = UsernameFrom::common_name;
    }

    test::ScratchDirectory folder;
    CertificateAuthority authority;
    TlsSettings tls;
};

std::string answer_to_connect(TlsSocket& client, const std::string& id = "a") {
    if (!client.error().empty()) return client.error();
    client.connect(id).flush();
    return client.receive();
}

// --- Both versions

class TlsVersionTest : public TlsTest, public testing::WithParamInterface<int> {};

INSTANTIATE_TEST_SUITE_P(Versions, TlsVersionTest, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) {
                             return version.param == TLS1_2_VERSION ? "Tls12" : "Tls13";
                         });

TEST_P(TlsVersionTest, CarriesPacketsBothWays) {
    NetworkHarness broker(settings());
    TlsSocket client(broker.port(), {.authority = authority.certificate(), .version = GetParam()});
    EXPECT_EQ(answer_to_connect(client), "CONNACK 0");
    client.subscribe("t").publish("t", "hello").flush();
    EXPECT_EQ(client.receive(), "SUBACK 1 [0]");
    EXPECT_EQ(client.receive(), "PUBLISH t q0 hello");
    client.disconnect().flush();
    EXPECT_EQ(client.receive(), "closed");
    EXPECT_NE(SSL_get_shutdown(client.ssl()) & SSL_RECEIVED_SHUTDOWN, 0) << "with a close_notify";
    EXPECT_TRUE(broker.reports.wait_for("disconnected 'a' disconnect"));
}

TEST_P(TlsVersionTest, TakesPacketsByteByByte) {
    NetworkHarness broker(settings());
    TlsSocket client(broker.port(), {.version = GetParam()});
    client.connect("a").subscribe("t").publish("t", "hello").flush_bytewise();
    EXPECT_EQ(client.receive(), "CONNACK 0");
    EXPECT_EQ(client.receive(), "SUBACK 1 [0]");
    EXPECT_EQ(client.receive(), "PUBLISH t q0 hello");
}

TEST_P(TlsVersionTest, CarriesPacketsOfAllSizesAroundARecord) {
    core::Settings unlimited;
    unlimited.limits.outbound_buffer = 0;
    NetworkHarness broker(settings(), unlimited);
    TlsSocket client(broker.port(), {.version = GetParam()});
    EXPECT_EQ(answer_to_connect(client), "CONNACK 0");
    client.subscribe("t").flush();
    EXPECT_EQ(client.receive(), "SUBACK 1 [0]");
    for (const std::size_t size : {16'383U, 16'384U, 16'385U, 65'536U, 1'000'000U}) {
        const std::string payload(size, 'x');
        client.publish("t", payload).publish("t", "small").flush();
        EXPECT_EQ(client.receive(), "PUBLISH t q0 " + payload);
        EXPECT_EQ(client.receive(), "PUBLISH t q0 small");
    }
}

TEST_P(TlsVersionTest, SendsAllToAReaderThatBeginsLate) {
    core::Settings unlimited;
    unlimited.limits.outbound_buffer = 0;
    NetworkHarness broker(settings(), unlimited);
    TlsSocket subscriber(broker.port(), {.version = GetParam()});
    EXPECT_EQ(answer_to_connect(subscriber, "s"), "CONNACK 0");
    subscriber.subscribe("t").flush();
    EXPECT_EQ(subscriber.receive(), "SUBACK 1 [0]");

    TlsSocket publisher(broker.port(), {.version = GetParam()});
    EXPECT_EQ(answer_to_connect(publisher, "p"), "CONNACK 0");
    const std::string padding(3'000, '.');
    constexpr int kMessages = 6'000;  // More than two sockets hold.
    for (int i = 0; i < kMessages; ++i)
        publisher.publish("t", std::to_string(i) + padding).flush();
    publisher.disconnect().flush();
    EXPECT_EQ(publisher.receive(), "closed") << "the broker has read it all";
    for (int i = 0; i < kMessages; ++i)
        ASSERT_EQ(subscriber.receive(), "PUBLISH t q0 " + std::to_string(i) + padding);
}

TEST_P(TlsVersionTest, HandsClientsOverToTheirHomeShardsWithAllTheyHaveSent) {
    NetworkHarness broker(settings(), {}, 3);
    for (int i = 0; i < 10; ++i) {
        const std::string id = "client" + std::to_string(i);
        TlsSocket client(broker.port(), {.version = GetParam()});
        client.connect(id).subscribe(id).publish(id, "1").publish(id, "2").flush();
        EXPECT_EQ(client.receive(), "CONNACK 0");
        EXPECT_EQ(client.receive(), "SUBACK 1 [0]");
        EXPECT_EQ(client.receive(), "PUBLISH " + id + " q0 1");
        EXPECT_EQ(client.receive(), "PUBLISH " + id + " q0 2");
        client.publish(id, "3").flush();
        EXPECT_EQ(client.receive(), "PUBLISH " + id + " q0 3");
    }
}

TEST_P(TlsVersionTest, EndOfTheStreamEndsTheClient) {
    NetworkHarness broker(settings());
    TlsSocket client(broker.port(), {.version = GetParam()});
    EXPECT_EQ(answer_to_connect(client), "CONNACK 0");
    client.close();  // without a close_notify
    EXPECT_TRUE(broker.reports.wait_for("disconnected 'a' peer_closed"));
}

TEST_P(TlsVersionTest, ACloseNotifyEndsTheClientThoughTheSocketStaysOpen) {
    NetworkHarness broker(settings());
    TlsSocket client(broker.port(), {.version = GetParam()});
    EXPECT_EQ(answer_to_connect(client), "CONNACK 0");
    client.publish("t", "last").flush();
    SSL_shutdown(client.ssl());
    EXPECT_TRUE(broker.reports.wait_for("disconnected 'a' peer_closed"));
}

// A frame of a WebSocket, masked with zeros.
std::string frame(char first, const std::string& payload) {
    return std::string{first, static_cast<char>(0x80 | payload.size())} + std::string(4, '\0') +
           payload;
}

TEST_P(TlsVersionTest, ACloseNotifyBehindAPingEndsAWebSocket) {
    Settings web = settings();
    web.listeners[0].transport = Transport::websocket;
    NetworkHarness broker(web);
    TlsSocket client(broker.port(), {.version = GetParam()});
    client
        .raw(
            "GET /mqtt HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: mqtt\r\n\r\n")
        .flush();
    std::vector<std::byte> packet;
    mqtt::append_connect(packet, {.client_id = "a"});
    const std::string connect(reinterpret_cast<const char*>(packet.data()), packet.size());
    client.raw(frame('\x82', connect)).flush();
    ASSERT_TRUE(broker.reports.wait_for("connected a"));

    client.hold_back(true);  // so that the broker finds both at once
    client.raw(frame('\x89', "ping")).flush();
    SSL_shutdown(client.ssl());
    client.hold_back(false);
    EXPECT_TRUE(broker.reports.wait_for("disconnected 'a' peer_closed"));
}

TEST_P(TlsVersionTest, ResumesASessionByItsTicketAlone) {
    NetworkHarness broker(settings(), {}, 2);
    TlsSocket first(broker.port(), {.version = GetParam()});
    EXPECT_EQ(answer_to_connect(first), "CONNACK 0");
    EXPECT_FALSE(first.is_resumed());

    TlsSocket second(broker.port(), {.version = GetParam(), .session = first.session()});
    EXPECT_EQ(answer_to_connect(second), "CONNACK 0");
    EXPECT_TRUE(second.is_resumed());
}

TEST_P(TlsVersionTest, AResumedSessionKeepsItsName) {
    ask_for_certificates(ClientCertificate::required);
    NetworkHarness broker(settings());
    TlsSocket first(broker.port(), with_certificate(authority.issue("pump"), GetParam()));
    EXPECT_EQ(answer_to_connect(first), "CONNACK 0");

    TlsSocket second(broker.port(), {.version = GetParam(), .session = first.session()});
    EXPECT_EQ(answer_to_connect(second, "b"), "CONNACK 0");
    EXPECT_TRUE(second.is_resumed());
    EXPECT_TRUE(broker.reports.wait_for("connected b from 127.0.0.1"));
    EXPECT_TRUE(broker.reports.wait_for(" as pump"));
}

TEST_P(TlsVersionTest, NoSessionIsResumedAcrossAReload) {
    NetworkHarness broker(settings());
    TlsSocket first(broker.port(), {.version = GetParam()});
    EXPECT_EQ(answer_to_connect(first), "CONNACK 0");
    broker.enforce(settings());

    TlsSocket second(broker.port(), {.version = GetParam(), .session = first.session()});
    EXPECT_EQ(answer_to_connect(second, "b"), "CONNACK 0");
    EXPECT_FALSE(second.is_resumed());
}

// --- What is refused

TEST_F(TlsTest, OlderVersionsAreRefused) {
    NetworkHarness broker(settings());
    const TlsSocket client(broker.port(), {.version = TLS1_1_VERSION});
    EXPECT_EQ(client.error(), "tlsv1 alert protocol version");
    EXPECT_TRUE(broker.reports.wait_for("refused '' tls_error"));
}

TEST_F(TlsTest, AListenerMayAskForTls13) {
    tls.min_version = TlsSettings::Version::tls_1_3;
    NetworkHarness broker(settings());
    const TlsSocket older(broker.port(), {.version = TLS1_2_VERSION});
    EXPECT_EQ(older.error(), "tlsv1 alert protocol version");
    TlsSocket newer(broker.port());
    EXPECT_EQ(answer_to_connect(newer), "CONNACK 0");
}

TEST_F(TlsTest, OnlyTheCiphersOfTheListAreTaken) {
    tls.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:TLS_CHACHA20_POLY1305_SHA256";
    NetworkHarness broker(settings());
    TlsSocket older(broker.port(), {.version = TLS1_2_VERSION});
    EXPECT_STREQ(SSL_get_cipher_name(older.ssl()), "ECDHE-ECDSA-AES128-GCM-SHA256");
    TlsSocket newer(broker.port(), {.version = TLS1_3_VERSION});
    EXPECT_STREQ(SSL_get_cipher_name(newer.ssl()), "TLS_CHACHA20_POLY1305_SHA256");
}

TEST_F(TlsTest, PlainMqttIsRefused) {
    NetworkHarness broker(settings());
    Socket client(broker.port());
    client.connect("a").flush();
    EXPECT_NE(client.receive(), "CONNACK 0");
    EXPECT_TRUE(broker.reports.wait_for("refused '' tls_error"));
}

TEST_F(TlsTest, ARenegotiationIsRefused) {
    NetworkHarness broker(settings());
    TlsSocket client(broker.port(), {.version = TLS1_2_VERSION});
    EXPECT_EQ(answer_to_connect(client), "CONNACK 0");
    SSL_renegotiate(client.ssl());
    EXPECT_NE(SSL_do_handshake(client.ssl()), 1);
}

TEST_F(TlsTest, WhoBeginsAHandshakeAndGoesOnWithNothingIsClosed) {
    core::Settings impatient;
    impatient.mqtt.connect_timeout = 100ms;
    NetworkHarness broker(settings(), impatient);
    Socket client(broker.port());
    client.raw(std::string_view("\x16\x03\x01\x02\x00\x01", 6)).flush();
    EXPECT_EQ(client.receive(), "closed");
    EXPECT_TRUE(broker.reports.wait_for("refused '' connect_timeout"));
}

TEST_F(TlsTest, WhoLeavesDuringTheHandshakeIsNoted) {
    NetworkHarness broker(settings());
    Socket client(broker.port());
    client.raw(std::string_view("\x16\x03\x01\x02\x00\x01", 6)).flush();
    client.close();
    EXPECT_TRUE(broker.reports.wait_for("refused '' peer_closed"));
}

// --- TLS 1.3

TEST_F(TlsTest, KeysAreUpdatedInAConnection) {
    NetworkHarness broker(settings());
    TlsSocket client(broker.port(), {.version = TLS1_3_VERSION});
    EXPECT_EQ(answer_to_connect(client), "CONNACK 0");
    client.subscribe("t").flush();
    EXPECT_EQ(client.receive(), "SUBACK 1 [0]");
    for (int i = 0; i < 3; ++i) {
        client.update_keys();
        client.publish("t", std::to_string(i)).flush();
        EXPECT_EQ(client.receive(), "PUBLISH t q0 " + std::to_string(i));
    }
}

// --- Client certificates

TEST_P(TlsVersionTest, ARequiredCertificateGivesTheUserName) {
    ask_for_certificates(ClientCertificate::required);
    NetworkHarness broker(settings());
    TlsSocket client(broker.port(), with_certificate(authority.issue("pump 7"), GetParam()));
    EXPECT_EQ(answer_to_connect(client), "CONNACK 0");
    EXPECT_TRUE(broker.reports.wait_for(" as pump 7"));
}

TEST_P(TlsVersionTest, WithoutARequiredCertificateThereIsNoConnection) {
    ask_for_certificates(ClientCertificate::required);
    NetworkHarness broker(settings());
    TlsSocket client(broker.port(), {.version = GetParam()});
    EXPECT_NE(answer_to_connect(client), "CONNACK 0");
    EXPECT_TRUE(broker.reports.wait_for("refused '' tls_error"));
}

TEST_F(TlsTest, WithoutAnOptionalCertificateTheClientIsWhoItSays) {
    ask_for_certificates(ClientCertificate::optional);
    NetworkHarness broker(settings());
    TlsSocket client(broker.port());
    EXPECT_EQ(answer_to_connect(client), "CONNACK 0");
    EXPECT_TRUE(broker.reports.wait_for(" as nobody"));
    TlsSocket certified(broker.port(), with_certificate(authority.issue("pump")));
    EXPECT_EQ(answer_to_connect(certified, "b"), "CONNACK 0");
    EXPECT_TRUE(broker.reports.wait_for(" as pump"));
}

TEST_F(TlsTest, TheSubjectMayBeTheUserName) {
    ask_for_certificates(ClientCertificate::required);
    tls.username_from = UsernameFrom::subject;
    NetworkHarness broker(settings());
    const CertificateAuthority::Name name = {{"O", "Plant"}, {"CN", "Pümp"}};
    TlsSocket client(broker.port(), with_certificate(authority.issue(name)));
    EXPECT_EQ(answer_to_connect(client), "CONNACK 0");
    EXPECT_TRUE(broker.reports.wait_for(" as CN=Pümp,O=Plant"));
}

TEST_F(TlsTest, ACertificateOfAStrangerIsRefused) {
    ask_for_certificates(ClientCertificate::optional);
    NetworkHarness broker(settings());
    const CertificateAuthority stranger("Stranger");
    TlsSocket client(broker.port(), with_certificate(stranger.issue("pump")));
    EXPECT_NE(answer_to_connect(client), "CONNACK 0");
    EXPECT_TRUE(broker.reports.wait_for("refused '' tls_error"));
}

TEST_F(TlsTest, AnExpiredClientCertificateIsRefused) {
    ask_for_certificates(ClientCertificate::required);
    NetworkHarness broker(settings());
    TlsSocket client(broker.port(), with_certificate(authority.issue("pump", -10)));
    EXPECT_NE(answer_to_connect(client), "CONNACK 0");
    EXPECT_TRUE(broker.reports.wait_for("refused '' tls_error"));
}

TEST_F(TlsTest, AClientMaySendTheIntermediateOfItsCertificate) {
    ask_for_certificates(ClientCertificate::required);
    CertificateAuthority intermediate("Intermediate");
    authority.sign(intermediate);
    Issued issued = intermediate.issue("pump");
    issued.certificate += intermediate.certificate();
    NetworkHarness broker(settings());
    TlsSocket client(broker.port(), with_certificate(issued));
    EXPECT_EQ(answer_to_connect(client), "CONNACK 0");
}

TEST_F(TlsTest, ARevokedCertificateIsRefusedAndOthersAreNot) {
    ask_for_certificates(ClientCertificate::required);
    const Issued revoked = authority.issue("lost pump");
    tls.crl = write("crl.pem", authority.revoke({revoked.serial}));
    NetworkHarness broker(settings());
    TlsSocket lost(broker.port(), with_certificate(revoked));
    EXPECT_NE(answer_to_connect(lost), "CONNACK 0");
    EXPECT_TRUE(broker.reports.wait_for("refused '' tls_error"));
    TlsSocket kept(broker.port(), with_certificate(authority.issue("pump")));
    EXPECT_EQ(answer_to_connect(kept), "CONNACK 0");
}

TEST_P(TlsVersionTest, ACertificateThatIsRevokedMeanwhileIsNotResumed) {
    ask_for_certificates(ClientCertificate::required);
    const Issued issued = authority.issue("pump");
    tls.crl = write("crl.pem", authority.revoke({}));
    NetworkHarness broker(settings());
    TlsSocket first(broker.port(), with_certificate(issued, GetParam()));
    EXPECT_EQ(answer_to_connect(first), "CONNACK 0");

    write("crl.pem", authority.revoke({issued.serial}));
    broker.enforce(settings());
    TlsClientOptions again = with_certificate(issued, GetParam());
    again.session = first.session();
    TlsSocket second(broker.port(), again);
    EXPECT_NE(answer_to_connect(second), "CONNACK 0");
    first.publish("t", "still here").disconnect().flush();
    EXPECT_EQ(first.receive(), "closed");
    EXPECT_TRUE(broker.reports.wait_for("disconnected 'a' disconnect"));
}

// --- Pre-shared keys

TEST_P(TlsVersionTest, APreSharedKeyGivesTheUserName) {
    use_psk();
    NetworkHarness broker(settings());
    TlsSocket client(broker.port(),
                     {.version = GetParam(), .psk_identity = "pump", .psk_key = "ABCDEFGH"});
    EXPECT_EQ(answer_to_connect(client), "CONNACK 0");
    EXPECT_TRUE(broker.reports.wait_for("connected a from"));
    EXPECT_TRUE(broker.reports.wait_for(" as pump"));

    TlsClientOptions again{.version = GetParam(), .session = client.session()};
    // In TLS 1.2 a session is one of its cipher; in 1.3 the ticket has to do alone.
    if (GetParam() == TLS1_2_VERSION) again.psk_identity = "pump";
    TlsSocket resumed(broker.port(), again);
    EXPECT_EQ(answer_to_connect(resumed, "b"), "CONNACK 0");
    EXPECT_TRUE(resumed.is_resumed());
    EXPECT_TRUE(broker.reports.wait_for("connected b from"));
}

TEST_P(TlsVersionTest, AWrongKeyOrIdentityIsRefused) {
    use_psk();
    NetworkHarness broker(settings());
    TlsSocket wrong_key(broker.port(),
                        {.version = GetParam(), .psk_identity = "pump", .psk_key = "ABCDEFGX"});
    EXPECT_NE(answer_to_connect(wrong_key), "CONNACK 0");
    TlsSocket stranger(broker.port(),
                       {.version = GetParam(), .psk_identity = "valve", .psk_key = "ABCDEFGH"});
    EXPECT_NE(answer_to_connect(stranger), "CONNACK 0");
    TlsSocket without(broker.port(), {.version = GetParam()});
    EXPECT_NE(answer_to_connect(without), "CONNACK 0");
}

// --- Other certificates while it runs

std::string name_of_server(TlsSocket& client) {
    const X509* certificate = SSL_get0_peer_certificate(client.ssl());
    char name[100] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name,
                              sizeof name);
    return name;
}

TEST_F(TlsTest, NewFilesAreNoticedAndOldConnectionsLiveOn) {
    NetworkHarness broker(settings());
    TlsSocket old(broker.port());
    EXPECT_EQ(answer_to_connect(old), "CONNACK 0");
    EXPECT_EQ(name_of_server(old), "localhost");

    const Issued next = authority.issue("renewed");
    std::filesystem::rename(write("next.pem", next.certificate), tls.certificate);
    std::filesystem::rename(write("next.key", next.key), tls.private_key);
    EXPECT_TRUE(broker.reports.wait_for("new connections get the new ones"));

    TlsSocket renewed(broker.port());
    EXPECT_EQ(answer_to_connect(renewed, "b"), "CONNACK 0");
    EXPECT_EQ(name_of_server(renewed), "renewed");
    old.subscribe("t").flush();
    EXPECT_EQ(old.receive(), "SUBACK 1 [0]");
}

TEST_F(TlsTest, BrokenFilesLeaveTheOldOnesInForce) {
    NetworkHarness broker(settings());
    write("server.key", authority.issue("another").key);
    try {
        broker.enforce(settings());
        ADD_FAILURE() << "nobody has noticed";
    } catch (const ListenError& error) {
        EXPECT_EQ(std::string(error.what()),
                  tls.private_key +
                      ": listeners[0].tls.private_key: does not match the certificate in " +
                      tls.certificate);
    }
    TlsSocket client(broker.port());
    EXPECT_EQ(answer_to_connect(client), "CONNACK 0");

    write("server.key", "no key");
    EXPECT_TRUE(broker.reports.wait_for("the ones before stay in force"));
    TlsSocket another(broker.port());
    EXPECT_EQ(answer_to_connect(another, "b"), "CONNACK 0");
}

TEST_F(TlsTest, AListenerMayTakeUpTlsWhileItRuns) {
    Settings plain = settings();
    plain.listeners[0].tls.reset();
    NetworkHarness broker(plain);
    Socket old(broker.port());
    old.connect("a").flush();
    EXPECT_EQ(old.receive(), "CONNACK 0");

    broker.enforce(settings());
    TlsSocket client(broker.port());
    EXPECT_EQ(answer_to_connect(client, "b"), "CONNACK 0");
    EXPECT_EQ(old.receive(), "closed") << "it could not come like this any more";
}

TEST_F(TlsTest, ALinkToOtherFilesIsAChange) {
    const Issued next = authority.issue("renewed");
    namespace fs = std::filesystem;
    fs::create_directory(folder.path() / "1");
    fs::create_directory(folder.path() / "2");
    for (const auto* name : {"server.pem", "server.key"})
        fs::rename(folder.path() / name, folder.path() / "1" / name);
    write("2/server.pem", next.certificate);
    write("2/server.key", next.key);
    fs::create_directory_symlink("1", folder.path() / "data");
    tls.certificate = folder.path() / "data" / "server.pem";
    tls.private_key = folder.path() / "data" / "server.key";
    NetworkHarness broker(settings());

    fs::create_directory_symlink("2", folder.path() / "data.new");
    fs::rename(folder.path() / "data.new", folder.path() / "data");
    EXPECT_TRUE(broker.reports.wait_for("new connections get the new ones"));
    TlsSocket renewed(broker.port());
    EXPECT_EQ(name_of_server(renewed), "renewed");
}

TEST_F(TlsTest, AListenerDoesNotStartWithBrokenFiles) {
    tls.certificate = folder.path() / "none.pem";
    try {
        const NetworkHarness broker(settings());
        FAIL() << "it has started";
    } catch (const ListenError& error) {
        EXPECT_EQ(std::string(error.what()),
                  tls.certificate +
                      ": listeners[0].tls.certificate: cannot be read: No such file or directory");
    }
}

TEST_F(TlsTest, AListenerStartsWithAnExpiredCertificateAndSaysSo) {
    const Issued expired = authority.issue("localhost", -CertificateAuthority::kDay);
    write("server.pem", expired.certificate);
    write("server.key", expired.key);
    NetworkHarness broker(settings());
    EXPECT_TRUE(broker.reports.wait_for("listeners[0].tls.certificate: expired on "));
    TlsSocket client(broker.port());
    EXPECT_EQ(answer_to_connect(client), "CONNACK 0") << "a client that does not look";
}

TEST_F(TlsTest, TheLogTellsWhichListenersSpeakTls) {
    NetworkHarness broker(settings());
    EXPECT_TRUE(broker.network().addresses()[0].starts_with("tls 127"));
}

}  // namespace
}  // namespace godwit::net
