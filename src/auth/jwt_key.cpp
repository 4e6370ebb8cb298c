#include "jwt_key.hpp"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <array>
#include <optional>

#include "godwit/auth/chain.hpp"
#include "secret_file.hpp"
#include "unsigned_bytes.hpp"

namespace godwit::auth {
namespace {

constexpr std::size_t kKeyFileBytesMax = std::size_t{64} * 1024;
// Shorter ones can be guessed from one token, says RFC 7518, section 3.2.
constexpr std::size_t kSecretBytesGood = 32;
constexpr int kRsaBitsMin = 2048;  // RFC 7518, section 3.3

struct Algorithm {
    std::string_view name;
    const EVP_MD* (*digest)();
    int key_type;
    int key_bits;              // of an elliptic curve
    std::size_t number_bytes;  // of each half of a signature
};

// In the order of JwtAlgorithm.
constexpr std::array kAlgorithms = {
    Algorithm{"", nullptr, 0, 0, 0},
    Algorithm{"HS256", EVP_sha256, 0, 0, 0},
    Algorithm{"HS384", EVP_sha384, 0, 0, 0},
    Algorithm{"HS512", EVP_sha512, 0, 0, 0},
    Algorithm{"RS256", EVP_sha256, EVP_PKEY_RSA, 0, 0},
    Algorithm{"RS384", EVP_sha384, EVP_PKEY_RSA, 0, 0},
    Algorithm{"RS512", EVP_sha512, EVP_PKEY_RSA, 0, 0},
    Algorithm{"ES256", EVP_sha256, EVP_PKEY_EC, 256, 32},
    Algorithm{"ES384", EVP_sha384, EVP_PKEY_EC, 384, 48},
    Algorithm{"ES512", EVP_sha512, EVP_PKEY_EC, 521, 66},
};

const Algorithm& traits_of(JwtAlgorithm algorithm) {
    return kAlgorithms[static_cast<std::size_t>(algorithm)];
}

template <auto free>
struct Free {
    template <typename T>
    void operator()(T* object) const {
        free(object);
    }
};
template <typename T, auto free>
using Owned = std::unique_ptr<T, Free<free>>;

// A signature in a token is two numbers side by side; OpenSSL wants them in DER. RFC 7518,
// section 3.4.
std::optional<std::string> to_der(std::string_view signature, std::size_t number_bytes) {
    if (signature.size() != 2 * number_bytes) return std::nullopt;
    const auto size = static_cast<int>(number_bytes);
    BIGNUM* r = BN_bin2bn(unsigned_bytes(signature), size, nullptr);
    BIGNUM* s = BN_bin2bn(unsigned_bytes(signature) + number_bytes, size, nullptr);
    const Owned<ECDSA_SIG, ECDSA_SIG_free> pair(ECDSA_SIG_new());
    if (!pair || ECDSA_SIG_set0(pair.get(), r, s) != 1) {
        BN_free(r);
        BN_free(s);
        return std::nullopt;
    }
    unsigned char* der = nullptr;
    const int der_bytes = i2d_ECDSA_SIG(pair.get(), &der);
    if (der_bytes <= 0) return std::nullopt;
    std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(der_bytes));
    OPENSSL_free(der);
    return text;
}

// Named curves of 256 bits are several: the algorithm means the one of NIST.
bool is_nist_curve(const EVP_PKEY* key) {
    std::array<char, 32> name{};
    EVP_PKEY_get_utf8_string_param(key, "group", name.data(), name.size(), nullptr);
    const std::string_view curve = name.data();
    return curve == "prime256v1" || curve == "secp384r1" || curve == "secp521r1";
}

}  // namespace

class JwtKey::PublicKey {
public:
    explicit PublicKey(std::string_view pem) {
        const Owned<BIO, BIO_free_all> source(
            BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
        key_.reset(PEM_read_bio_PUBKEY(source.get(), nullptr, nullptr, nullptr));
    }

    // Nothing where it is right for the algorithm.
    [[nodiscard]] std::optional<std::string> problem(const Algorithm& algorithm) const {
        if (!key_) return "has no public key in PEM (BEGIN PUBLIC KEY)";
        const std::string needed = "is no key for " + std::string(algorithm.name) + ": ";
        if (EVP_PKEY_get_base_id(key_.get()) != algorithm.key_type) {
            return needed + (algorithm.key_type == EVP_PKEY_RSA ? "an RSA" : "an elliptic curve") +
                   " key is needed";
        }
        const int bits = EVP_PKEY_get_bits(key_.get());
        if (algorithm.key_type == EVP_PKEY_RSA && bits < kRsaBitsMin) {
            return needed + "2048 bits are needed";
        }
        if (algorithm.key_type == EVP_PKEY_EC &&
            (bits != algorithm.key_bits || !is_nist_curve(key_.get()))) {
            return needed + "the curve P-" + std::to_string(algorithm.key_bits) + " is needed";
        }
        return std::nullopt;
    }

    [[nodiscard]] bool verify(const Algorithm& algorithm, std::string_view text,
                              std::string_view signature) const {
        const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
        return context &&
               EVP_DigestVerifyInit(context.get(), nullptr, algorithm.digest(), nullptr,
                                    key_.get()) == 1 &&
               EVP_DigestVerify(context.get(), unsigned_bytes(signature), signature.size(),
                                unsigned_bytes(text), text.size()) == 1;
    }

private:
    Owned<EVP_PKEY, EVP_PKEY_free> key_;
};

JwtKey::JwtKey(const JwtSettings& settings, std::vector<std::string>& warnings)
    : algorithm_(settings.algorithm) {
    if (algorithm_ == JwtAlgorithm::none) throw SourceError("auth.jwt.algorithm: is missing");
    const bool is_secret = traits_of(algorithm_).key_type == 0;
    // A public key taken for a secret would let anybody sign.
    if (is_secret != settings.public_key_file.empty() ||
        is_secret == settings.secret_file.empty()) {
        throw SourceError("auth.jwt: " + std::string(algorithm()) + " goes with " +
                          (is_secret ? "secret_file" : "public_key_file") + " alone");
    }
    if (is_secret) {
        read_secret(settings.secret_file, warnings);
    } else {
        read_public_key(settings.public_key_file);
    }
}

JwtKey::~JwtKey() {
    OPENSSL_cleanse(content_.data(), content_.size());
}

void JwtKey::read_secret(const std::string& path, std::vector<std::string>& warnings) {
    const std::string key = "auth.jwt.secret_file";
    content_ = read_secret_file(path, key, kKeyFileBytesMax, warnings);
    while (content_.ends_with('\n') || content_.ends_with('\r'))
        content_.pop_back();  // an editor's, hardly the secret's
    if (content_.empty()) throw SourceError(path + ": " + key + ": is empty");
    if (content_.starts_with("-----BEGIN ")) {
        throw SourceError(path + ": " + key + ": is a key or certificate in PEM, not a secret");
    }
    if (content_.size() < kSecretBytesGood) {
        warnings.push_back(path + ": " + key +
                           ": less than 32 bytes can be guessed by whoever sees a token");
    }
}

void JwtKey::read_public_key(const std::string& path) {
    const std::string key = "auth.jwt.public_key_file";
    std::vector<std::string> about_secrets;
    content_ = read_secret_file(path, key, kKeyFileBytesMax, about_secrets);
    public_key_ = std::make_unique<PublicKey>(content_);
    if (const auto problem = public_key_->problem(traits_of(algorithm_))) {
        throw SourceError(path + ": " + key + ": " + *problem);
    }
}

std::string_view JwtKey::algorithm() const {
    return traits_of(algorithm_).name;
}

bool JwtKey::verify(std::string_view text, std::string_view signature) const {
    const Algorithm& algorithm = traits_of(algorithm_);
    if (!public_key_) {
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        unsigned digest_bytes = 0;
        return HMAC(algorithm.digest(), content_.data(), static_cast<int>(content_.size()),
                    unsigned_bytes(text), text.size(), digest.data(), &digest_bytes) != nullptr &&
               signature.size() == digest_bytes &&
               CRYPTO_memcmp(digest.data(), signature.data(), digest_bytes) == 0;
    }
    if (algorithm.key_type == EVP_PKEY_RSA) return public_key_->verify(algorithm, text, signature);
    const auto der = to_der(signature, algorithm.number_bytes);
    return der && public_key_->verify(algorithm, text, *der);
}

}  // namespace godwit::auth
