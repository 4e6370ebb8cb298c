#include "godwit/auth/password_hash.hpp"

#include <argon2.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <charconv>
#include <optional>
#include <stdexcept>
#include <vector>

#include "base64.hpp"
#include "unsigned_bytes.hpp"

namespace godwit::auth {
namespace {

constexpr std::uint32_t kMemoryKib = 19'456;
constexpr std::uint32_t kPasses = 2;
constexpr std::uint32_t kLanes = 1;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kDigestBytes = 32;

// What a hash of somebody else's making may ask for.
constexpr std::uint32_t kMemoryKibMax = 64 * 1024;
constexpr std::uint32_t kPassesMax = 16;
constexpr std::uint32_t kLanesMax = 16;
constexpr std::uint32_t kIterationsMax = 1'000'000;
constexpr std::size_t kSaltBytesMax = 256;
constexpr std::size_t kArgonDigestBytesMin = 16;
constexpr std::size_t kArgonDigestBytesMax = 64;
constexpr std::size_t kSha512Bytes = 64;

// One argon2 lane needs eight blocks of 1 KiB.
constexpr std::uint32_t kKibPerLane = 8;

unsigned char* writable(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

std::optional<std::uint32_t> parse_number(std::string_view text) {
    std::uint32_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end || text.empty()) return std::nullopt;
    return number;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

bool derive_sha512(std::string_view password, std::string_view salt, std::string& digest) {
    const std::string salted = std::string(password) + std::string(salt);
    return EVP_Digest(salted.data(), salted.size(), writable(digest), nullptr, EVP_sha512(),
                      nullptr) == 1;
}

bool derive_pbkdf2(std::string_view password, std::string_view salt, std::uint32_t iterations,
                   std::string& digest) {
    return PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                             unsigned_bytes(salt), static_cast<int>(salt.size()),
                             static_cast<int>(iterations), EVP_sha512(),
                             static_cast<int>(digest.size()), writable(digest)) == 1;
}

}  // namespace

// Reads the parts between the dollar signs into a hash. Each step answers what is wrong.
struct PasswordHash::Parser {
    PasswordHash& hash;

    [[nodiscard]] std::optional<std::string_view> read(std::string_view text) const {
        const std::vector<std::string_view> parts = split(text, '$');
        if (parts.size() < 2 || !parts[0].empty()) return kNoHash;
        if (parts[1] == "6") return read_sha512(parts);
        if (parts[1] == "7") return read_pbkdf2(parts);
        if (parts[1] == "argon2id") return read_argon2id(parts);
        return kNoHash;
    }

private:
    using Parts = std::vector<std::string_view>;

    static constexpr std::string_view kNoHash =
        "not a password hash ($argon2id$, $7$ or $6$); godwit passwd makes one";

    [[nodiscard]] std::optional<std::string_view> read_sha512(const Parts& parts) const {
        if (parts.size() != 4) return "a $6$ hash is $6$SALT$HASH";
        hash.scheme_ = Scheme::sha512;
        return read_ends(parts[2], parts[3], kSha512Bytes, kSha512Bytes);
    }

    [[nodiscard]] std::optional<std::string_view> read_pbkdf2(const Parts& parts) const {
        if (parts.size() != 5) return "a $7$ hash is $7$ITERATIONS$SALT$HASH";
        const auto iterations = parse_number(parts[2]);
        if (!iterations || *iterations == 0 || *iterations > kIterationsMax) {
            return "a $7$ hash has 1 to 1000000 iterations";
        }
        hash.scheme_ = Scheme::pbkdf2;
        hash.passes_ = *iterations;
        return read_ends(parts[3], parts[4], kSha512Bytes, kSha512Bytes);
    }

    [[nodiscard]] std::optional<std::string_view> read_argon2id(const Parts& parts) const {
        if (parts.size() != 6 || parts[2] != "v=19" || !read_costs(split(parts[3], ','))) {
            return "an argon2id hash is $argon2id$v=19$m=KIB,t=PASSES,p=LANES$SALT$HASH";
        }
        if (hash.memory_kib_ > kMemoryKibMax || hash.passes_ > kPassesMax ||
            hash.lanes_ > kLanesMax) {
            return "an argon2id hash may ask for m=65536, t=16 and p=16 at most";
        }
        if (hash.passes_ == 0 || hash.lanes_ == 0 || hash.memory_kib_ < kKibPerLane * hash.lanes_) {
            return "an argon2id hash needs t and p of at least 1, and m of at least 8 times p";
        }
        hash.scheme_ = Scheme::argon2id;
        if (const auto problem =
                read_ends(parts[4], parts[5], kArgonDigestBytesMin, kArgonDigestBytesMax)) {
            return problem;
        }
        if (hash.salt_.size() < ARGON2_MIN_SALT_LENGTH) return "the salt has less than 8 bytes";
        return std::nullopt;
    }

    [[nodiscard]] bool read_costs(const Parts& costs) const {
        return costs.size() == 3 && read_cost("m=", costs[0], hash.memory_kib_) &&
               read_cost("t=", costs[1], hash.passes_) && read_cost("p=", costs[2], hash.lanes_);
    }

    static bool read_cost(std::string_view name, std::string_view text, std::uint32_t& target) {
        if (!text.starts_with(name)) return false;
        const auto number = parse_number(text.substr(name.size()));
        target = number.value_or(0);
        return number.has_value();
    }

    [[nodiscard]] std::optional<std::string_view> read_ends(std::string_view salt,
                                                            std::string_view digest,
                                                            std::size_t digest_bytes_min,
                                                            std::size_t digest_bytes_max) const {
        const auto salt_bytes = decode_base64(salt, Base64::standard);
        const auto digest_bytes = decode_base64(digest, Base64::standard);
        if (!salt_bytes || !digest_bytes) return "salt and hash are not base64";
        if (salt_bytes->size() > kSaltBytesMax) return "the salt has more than 256 bytes";
        if (digest_bytes->size() < digest_bytes_min || digest_bytes->size() > digest_bytes_max) {
            return "the hash has not as many bytes as its kind has";
        }
        hash.salt_ = *salt_bytes;
        hash.digest_ = *digest_bytes;
        return std::nullopt;
    }
};

std::variant<PasswordHash, std::string_view> PasswordHash::parse(std::string_view text) {
    if (text == "*") return PasswordHash();
    PasswordHash hash;
    if (const auto problem = Parser{hash}.read(text)) return *problem;
    hash.text_ = text;
    return hash;
}

PasswordHash PasswordHash::make(std::string_view password) {
    PasswordHash hash;
    hash.scheme_ = Scheme::argon2id;
    hash.memory_kib_ = kMemoryKib;
    hash.passes_ = kPasses;
    hash.lanes_ = kLanes;
    hash.salt_.resize(kSaltBytes);
    if (RAND_bytes(writable(hash.salt_), static_cast<int>(kSaltBytes)) != 1) {
        throw std::runtime_error("no random bytes for a salt");
    }
    hash.digest_.resize(kDigestBytes);
    if (!hash.derive(password, hash.digest_)) {
        throw std::runtime_error("not enough memory to hash a password");
    }
    hash.text_ = "$argon2id$v=19$m=" + std::to_string(kMemoryKib) +
                 ",t=" + std::to_string(kPasses) + ",p=" + std::to_string(kLanes) + "$" +
                 encode_base64(hash.salt_) + "$" + encode_base64(hash.digest_);
    return hash;
}

PasswordHash::Match PasswordHash::verify(std::string_view password) const {
    if (scheme_ == Scheme::none) return Match::wrong;
    std::string digest(digest_.size(), '\0');
    if (!derive(password, digest)) return Match::unknown;
    return CRYPTO_memcmp(digest.data(), digest_.data(), digest.size()) == 0 ? Match::right
                                                                            : Match::wrong;
}

bool PasswordHash::derive(std::string_view password, std::string& digest) const {
    switch (scheme_) {
        case Scheme::none: return false;
        case Scheme::sha512: return derive_sha512(password, salt_, digest);
        case Scheme::pbkdf2: return derive_pbkdf2(password, salt_, passes_, digest);
        case Scheme::argon2id: break;
    }
    std::string own_password(password);
    std::string own_salt = salt_;
    argon2_context context{};
    context.out = writable(digest);
    context.outlen = static_cast<std::uint32_t>(digest.size());
    context.pwd = writable(own_password);
    context.pwdlen = static_cast<std::uint32_t>(own_password.size());
    context.salt = writable(own_salt);
    context.saltlen = static_cast<std::uint32_t>(own_salt.size());
    context.t_cost = passes_;
    context.m_cost = memory_kib_;
    context.lanes = lanes_;
    context.threads = 1;  // this one, whatever the number of lanes
    context.version = ARGON2_VERSION_13;
    const bool done = argon2id_ctx(&context) == ARGON2_OK;
    OPENSSL_cleanse(own_password.data(), own_password.size());
    return done;
}

}  // namespace godwit::auth
