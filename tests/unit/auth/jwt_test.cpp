// JSON Web Tokens: what is signed here with keys made for the test, and the examples of RFC 7515.
#include "jwt.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>

#include "base64.hpp"
#include "godwit/auth/chain.hpp"
#include "scratch_directory.hpp"
#include "tokens.hpp"

namespace godwit::auth {
namespace {

using test::encode_url;
using test::hs256;
using test::kTokenSecret;
using test::signed_text;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr core::WallTime kNow{std::chrono::seconds{1'300'819'000}};

class KeyPair {
public:
    static KeyPair rsa(unsigned bits) { return KeyPair(EVP_RSA_gen(bits)); }
    static KeyPair curve(const char* name) { return KeyPair(EVP_EC_gen(name)); }

    [[nodiscard]] std::string public_pem() const {
        const std::unique_ptr<BIO, int (*)(BIO*)> sink(BIO_new(BIO_s_mem()), &BIO_free);
        PEM_write_bio_PUBKEY(sink.get(), key_.get());
        char* text = nullptr;
        const long size = BIO_get_mem_data(sink.get(), &text);
        return {text, static_cast<std::size_t>(size)};
    }

    [[nodiscard]] std::string sign(std::string_view text, const EVP_MD* digest) const {
        const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                         &EVP_MD_CTX_free);
        EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get());
        std::string signature(1024, '\0');
        std::size_t size = signature.size();
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       reinterpret_cast<const unsigned char*>(text.data()), text.size());
        signature.resize(size);
        return signature;
    }

private:
    explicit KeyPair(EVP_PKEY* key) : key_(key, &EVP_PKEY_free) {}
    std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key_;
};

std::string numbers_of(const std::string& der, int number_bytes) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size()));
    std::string numbers(2 * static_cast<std::size_t>(number_bytes), '\0');
    auto* target = reinterpret_cast<unsigned char*>(numbers.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(pair), target, number_bytes);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair), target + number_bytes, number_bytes);
    ECDSA_SIG_free(pair);
    return numbers;
}

class JwtTest : public ::testing::Test {
protected:
    std::string file(const std::string& content, const std::string& name = "key") {
        const std::filesystem::path path = directory_.path() / name;
        std::ofstream(path) << content;
        std::filesystem::permissions(path, std::filesystem::perms{0600});
        return path;
    }

    JwtSettings secret(const std::string& content = kTokenSecret) {
        return {.secret_file = file(content), .algorithm = JwtAlgorithm::hs256};
    }
    JwtSettings public_key(JwtAlgorithm algorithm, const std::string& pem) {
        return {.public_key_file = file(pem), .algorithm = algorithm};
    }

    std::string outcome(const JwtSettings& settings, std::string_view token,
                        std::string_view user_name = "alice", std::string_view client_id = "c1") {
        const Jwt jwt(settings, warnings);
        const auto outcome = jwt.examine(token, user_name, client_id, kNow);
        if (const auto* bearer = std::get_if<Jwt::Bearer>(&outcome)) return bearer->user_name;
        if (const auto* refused = std::get_if<Jwt::Refused>(&outcome)) {
            return "refused: " + std::string(refused->why);
        }
        return "no token";
    }

    std::string problem(const JwtSettings& settings) {
        try {
            const Jwt jwt(settings, warnings);
        } catch (const SourceError& error) {
            return error.what();
        }
        return "";
    }

    std::vector<std::string> warnings;

private:
    test::ScratchDirectory directory_;
};

TEST_F(JwtTest, LetsTheBearerOfASignedTokenIn) {
    EXPECT_EQ(outcome(secret(), hs256(R"({"sub":"alice"})")), "alice");
    EXPECT_THAT(warnings, IsEmpty());
}

TEST_F(JwtTest, TakesAnEndOfLineInTheFileForTheEditors) {
    EXPECT_EQ(outcome(secret(std::string(kTokenSecret) + "\r\n"), hs256(R"({"sub":"alice"})")),
              "alice");
}

TEST_F(JwtTest, VerifiesTheExamplesOfRfc7515) {
    JwtSettings a1 = secret(*decode_base64(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
        Base64::url));
    a1.claims = {{"iss", "joe"}};
    EXPECT_EQ(outcome(a1,
                      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
                      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNv"
                      "bS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
              "alice");
}

TEST_F(JwtTest, VerifiesTheEllipticExampleOfRfc7515) {
    JwtSettings a3 = public_key(
        JwtAlgorithm::es256,
        "-----BEGIN PUBLIC KEY-----\n"
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEXH8UTNG72b\n"
        "focs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==\n-----END PUBLIC KEY-----\n");
    a3.claims = {{"iss", "joe"}};
    EXPECT_EQ(outcome(a3,
                      "eyJhbGciOiJFUzI1NiJ9."
                      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNv"
                      "bS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjD"
                      "xw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"),
              "alice");
}

TEST_F(JwtTest, VerifiesRsaSignatures) {
    const KeyPair pair = KeyPair::rsa(2048);
    const std::string text = signed_text(R"({"alg":"RS256"})", R"({"sub":"alice"})");
    const std::string token = text + "." + encode_url(pair.sign(text, EVP_sha256()));
    const JwtSettings settings = public_key(JwtAlgorithm::rs256, pair.public_pem());
    EXPECT_EQ(outcome(settings, token), "alice");
    EXPECT_THAT(outcome(settings, token.substr(0, token.size() - 4)), HasSubstr("signature"));
}

TEST_F(JwtTest, VerifiesEveryCurve) {
    struct Curve {
        JwtAlgorithm algorithm;
        const char* name;
        const char* header;
        const EVP_MD* digest;
        int number_bytes;
    };
    for (const Curve& curve :
         {Curve{JwtAlgorithm::es256, "P-256", R"({"alg":"ES256"})", EVP_sha256(), 32},
          Curve{JwtAlgorithm::es384, "P-384", R"({"alg":"ES384"})", EVP_sha384(), 48},
          Curve{JwtAlgorithm::es512, "P-521", R"({"alg":"ES512"})", EVP_sha512(), 66}}) {
        const KeyPair pair = KeyPair::curve(curve.name);
        const std::string text = signed_text(curve.header, R"({"sub":"alice"})");
        const std::string der = pair.sign(text, curve.digest);
        const JwtSettings settings{.public_key_file = file(pair.public_pem(), curve.name),
                                   .algorithm = curve.algorithm};
        EXPECT_EQ(outcome(settings, text + "." + encode_url(numbers_of(der, curve.number_bytes))),
                  "alice");
        EXPECT_THAT(outcome(settings, text + "." + encode_url(der)), HasSubstr("signature"));
    }
}

TEST_F(JwtTest, RefusesATokenThatSomebodyElseSigned) {
    EXPECT_THAT(outcome(secret(), hs256(R"({"sub":"alice"})", "another secret")),
                HasSubstr("signature"));
    EXPECT_THAT(outcome(secret(), hs256(R"({"sub":"alice"})") + "AAAA"), HasSubstr("signature"));
    EXPECT_THAT(outcome(secret(), signed_text(R"({"alg":"HS256"})", R"({"sub":"alice"})") + "."),
                HasSubstr("signature"));
}

TEST_F(JwtTest, RefusesEveryAlgorithmButItsOwn) {
    for (const auto* header : {R"({"alg":"none"})", R"({"alg":"HS512"})", R"({"alg":["HS256"]})",
                               R"({"alg":"hs256"})", "{}"}) {
        EXPECT_THAT(outcome(secret(), hs256(R"({"sub":"alice"})", kTokenSecret, header)),
                    HasSubstr("auth.jwt.algorithm"))
            << header;
    }
    EXPECT_THAT(outcome(secret(), signed_text(R"({"alg":"none"})", R"({"sub":"alice"})") + "."),
                HasSubstr("auth.jwt.algorithm"));
}

// The public key is known to everybody, so what is signed with it as a secret says nothing.
TEST_F(JwtTest, RefusesATokenSignedWithThePublicKey) {
    const std::string pem = KeyPair::rsa(2048).public_pem();
    EXPECT_THAT(outcome(public_key(JwtAlgorithm::rs256, pem), hs256(R"({"sub":"alice"})", pem)),
                HasSubstr("auth.jwt.algorithm"));
    EXPECT_THAT(problem(secret(pem)), HasSubstr("not a secret"));
}

TEST_F(JwtTest, HoldsATokenToItsTimes) {
    EXPECT_EQ(outcome(secret(), hs256(R"({"sub":"alice","exp":1300819001,"nbf":1300819000})")),
              "alice");
    EXPECT_THAT(outcome(secret(), hs256(R"({"sub":"alice","exp":1300819000})")),
                HasSubstr("expired"));
    EXPECT_THAT(outcome(secret(), hs256(R"({"sub":"alice","nbf":1300819000.5})")),
                HasSubstr("not valid yet"));
    EXPECT_THAT(outcome(secret(), hs256(R"({"sub":"alice","exp":"1300819001"})")),
                HasSubstr("exp is no number"));
    EXPECT_THAT(outcome(secret(), hs256(R"({"sub":"alice","nbf":null})")),
                HasSubstr("nbf is no number"));
}

TEST_F(JwtTest, HoldsAClientToTheClaims) {
    EXPECT_THAT(outcome(secret(), hs256(R"({"sub":"alice"})"), "bob"), HasSubstr("claims"));
    EXPECT_THAT(outcome(secret(), hs256("{}"), "alice"), HasSubstr("claims"));
    EXPECT_THAT(outcome(secret(), hs256(R"({"sub":7})"), "7"), HasSubstr("claims"));

    JwtSettings several = secret();
    several.claims = {{"aud", "mqtt"}, {"device", "%u/%c"}, {"rate", "100%"}};
    const auto* right = R"({"aud":["http","mqtt"],"device":"alice/c1","rate":"100%"})";
    EXPECT_EQ(outcome(several, hs256(right)), "alice");
    EXPECT_THAT(outcome(several, hs256(right), "alice", "c2"), HasSubstr("claims"));
    // A user name is not a pattern.
    EXPECT_THAT(outcome(several, hs256(right), "%u"), HasSubstr("claims"));

    several.claims.clear();
    EXPECT_EQ(outcome(several, hs256("{}"), "whoever"), "whoever");
}

TEST_F(JwtTest, TakesTheUserNameFromATokenInItsPlace) {
    JwtSettings settings = secret();
    settings.from = JwtSettings::From::user_name;
    EXPECT_EQ(outcome(settings, hs256(R"({"sub":"carol"})"), "the token"), "carol");
    EXPECT_THAT(outcome(settings, hs256("{}"), "the token"), HasSubstr("no sub"));
    EXPECT_THAT(outcome(settings, hs256(R"({"sub":""})"), "the token"), HasSubstr("no sub"));
    EXPECT_THAT(outcome(settings, hs256(R"({"sub":"a\u0000b"})"), "the token"),
                HasSubstr("no sub"));
}

TEST_F(JwtTest, KnowsWhatIsNoToken) {
    for (const std::string& text :
         {std::string(), std::string("hunter2"), std::string("a.b"), std::string("a.b.c"),
          std::string("1.2.3.4"), encode_url("[]") + ".e30.x", std::string("...")}) {
        EXPECT_EQ(outcome(secret(), text), "no token") << text;
    }
}

TEST_F(JwtTest, RefusesWhatItWouldHaveToUnderstand) {
    EXPECT_THAT(outcome(secret(), hs256(R"({"sub":"alice"})", kTokenSecret,
                                        R"({"alg":"HS256","crit":["b64"],"b64":false})")),
                HasSubstr("critical"));
    EXPECT_THAT(outcome(secret(), hs256("[]")), HasSubstr("no claims"));
    EXPECT_THAT(outcome(secret(), hs256(R"({"sub":"alice"})") + std::string(8192, 'A')),
                HasSubstr("8 KiB"));
}

TEST_F(JwtTest, SaysWhichKeyIsNoneForItsAlgorithm) {
    const std::string p256 = KeyPair::curve("P-256").public_pem();
    EXPECT_THAT(problem({.secret_file = "s"}), HasSubstr("auth.jwt.algorithm: is missing"));
    EXPECT_THAT(problem({.secret_file = "s", .algorithm = JwtAlgorithm::rs256}),
                HasSubstr("RS256 goes with public_key_file alone"));
    EXPECT_THAT(problem({.public_key_file = "p", .algorithm = JwtAlgorithm::hs256}),
                HasSubstr("HS256 goes with secret_file alone"));
    EXPECT_THAT(
        problem({.secret_file = "s", .public_key_file = "p", .algorithm = JwtAlgorithm::hs256}),
        HasSubstr("alone"));
    EXPECT_THAT(problem({.secret_file = "/nowhere", .algorithm = JwtAlgorithm::hs256}),
                HasSubstr("/nowhere: auth.jwt.secret_file: cannot be read"));
    EXPECT_THAT(problem(public_key(JwtAlgorithm::rs256, p256)), HasSubstr("an RSA key is needed"));
    EXPECT_THAT(problem({.public_key_file = file(p256, "curve"), .algorithm = JwtAlgorithm::es384}),
                HasSubstr("P-384"));
    EXPECT_THAT(problem({.public_key_file = file(KeyPair::curve("secp256k1").public_pem(), "k1"),
                         .algorithm = JwtAlgorithm::es256}),
                HasSubstr("P-256"));
    EXPECT_THAT(problem({.public_key_file = file(KeyPair::rsa(1024).public_pem(), "short"),
                         .algorithm = JwtAlgorithm::rs256}),
                HasSubstr("2048 bits"));
    EXPECT_THAT(
        problem({.public_key_file = file("no key", "none"), .algorithm = JwtAlgorithm::rs256}),
        HasSubstr("no public key"));
    EXPECT_THAT(problem({.secret_file = file("\n", "empty"), .algorithm = JwtAlgorithm::hs256}),
                HasSubstr("is empty"));
}

TEST_F(JwtTest, WarnsOfASecretThatCanBeGuessed) {
    EXPECT_EQ(problem(secret("short")), "");
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_THAT(warnings[0], HasSubstr("32 bytes"));
}

}  // namespace
}  // namespace godwit::auth
