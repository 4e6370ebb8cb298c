// What is said about the files of a listener before anybody connects.
#include "tls_context.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scratch_directory.hpp"
#include "test_certificates.hpp"

namespace godwit::net {
namespace {

using test::CertificateAuthority;
using test::Issued;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Weight = TlsProblem::Weight;

class TlsContextTest : public testing::Test {
protected:
    TlsContextTest() { use(authority.issue("localhost")); }

    std::string write(const std::string& name, const std::string& text) {
        return test::write_file(folder.path(), name, text);
    }
    void use(const Issued& issued) {
        tls.certificate = write("server.pem", issued.certificate);
        tls.private_key = write("server.key", issued.key);
    }
    void ask_for_certificates() {
        tls.ca = write("ca.pem", authority.certificate());
        tls.client_certificate = TlsSettings::ClientCertificate::required;
    }

    // Each as 'weight file key: what', the folder left out.
    std::vector<std::string> problems() {
        std::vector<std::string> texts;
        for (const TlsProblem& problem : examine_tls(tls)) {
            const auto weight = std::array{"advice", "untimely", "broken"};
            std::string text = std::string(weight[static_cast<std::size_t>(problem.weight)]) + " " +
                               problem.file + " " + problem.key + ": " + problem.what;
            const std::string place = folder.path().string() + "/";
            for (std::size_t at = 0; (at = text.find(place)) != std::string::npos;)
                text.erase(at, place.size());
            texts.push_back(text);
        }
        return texts;
    }

    test::ScratchDirectory folder;
    CertificateAuthority authority;
    TlsSettings tls;
};

TEST_F(TlsContextTest, SaysNothingAboutGoodFiles) {
    EXPECT_THAT(problems(), IsEmpty());
    ask_for_certificates();
    tls.crl = write("crl.pem", authority.revoke({1}));
    EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(TlsContextTest, TakesAChain) {
    CertificateAuthority intermediate("Intermediate");
    authority.sign(intermediate);
    Issued issued = intermediate.issue("localhost");
    issued.certificate += intermediate.certificate();
    use(issued);
    EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(TlsContextTest, SaysWhatCannotBeRead) {
    tls.private_key = folder.path() / "none";
    EXPECT_THAT(problems(),
                ElementsAre("broken none private_key: cannot be read: No such file or directory"));
    tls.private_key = folder.path();
    EXPECT_THAT(problems()[0], HasSubstr("private_key: cannot be read: Is a directory"));
}

TEST_F(TlsContextTest, SaysWhatIsNoCertificate) {
    write("server.pem", "");
    EXPECT_THAT(problems(),
                ElementsAre("broken server.pem certificate: has no certificate in PEM form"));
    write("server.pem", authority.certificate() +
                            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    EXPECT_THAT(problems()[0],
                HasSubstr("broken server.pem certificate: certificate number 2 is damaged"));
}

TEST_F(TlsContextTest, SaysWhatIsNoKey) {
    write("server.key", "secret");
    EXPECT_THAT(problems(),
                ElementsAre("broken server.key private_key: has no private key in PEM form"));
    write("server.key",
          "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
    EXPECT_THAT(problems(), ElementsAre("broken server.key private_key: is encrypted; it has to be "
                                        "there without a passphrase"));
}

TEST_F(TlsContextTest, SaysThatAKeyDoesNotMatch) {
    write("server.key", authority.issue("other").key);
    EXPECT_THAT(problems(), ElementsAre("broken server.key private_key: does not match the "
                                        "certificate in server.pem"));
}

TEST_F(TlsContextTest, SaysWhatHasExpired) {
    use(authority.issue("localhost", -CertificateAuthority::kDay));
    EXPECT_THAT(problems(),
                ElementsAre(HasSubstr("untimely server.pem certificate: expired on 20")));
    EXPECT_NE(TlsContext::build(tls).context, nullptr) << "and it can be used";
}

TEST_F(TlsContextTest, SaysThatOthersCanReadAKey) {
    std::filesystem::permissions(tls.private_key, std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    EXPECT_THAT(problems(), ElementsAre(HasSubstr("advice server.key private_key: every user")));
}

TEST_F(TlsContextTest, SaysWhatIsWrongWithARevocationList) {
    ask_for_certificates();
    tls.crl = write("crl.pem", "none");
    EXPECT_THAT(problems(), ElementsAre("broken crl.pem crl: has no revocation list in PEM form"));
    write("crl.pem", CertificateAuthority("Other").revoke({}));
    EXPECT_THAT(problems(),
                ElementsAre("broken crl.pem crl: its issuer is not among those of ca.pem"));
    write("crl.pem", authority.revoke({}, -10));
    EXPECT_THAT(problems(), ElementsAre(HasSubstr("untimely crl.pem crl: expired on 20")));
}

TEST_F(TlsContextTest, SaysWhatIsNoCipher) {
    tls.ciphers = "ROT13";
    EXPECT_THAT(problems(), ElementsAre("broken  ciphers: no cipher match"));
    EXPECT_EQ(to_string(examine_tls(tls)[0], 3), "listeners[3].tls.ciphers: no cipher match");
    tls.ciphers = "TLS_ROT13";
    EXPECT_THAT(problems(), ElementsAre("broken  ciphers: no cipher match"));
}

TEST_F(TlsContextTest, SaysWhichLineOfAPskFileIsWrong) {
    tls = {};
    tls.psk_file = write("psk", "a:4142\nb\n");
    EXPECT_THAT(problems(), ElementsAre("broken psk:2 psk_file: expected IDENTITY:HEXKEY"));
    write("psk", "a:4142\n");
    EXPECT_THAT(problems(), IsEmpty());
}

}  // namespace
}  // namespace godwit::net
