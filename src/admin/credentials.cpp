#include "credentials.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>
#include <span>

#include "base64.hpp"

namespace godwit::admin {
namespace {

constexpr std::string_view kPurpose = "godwit session ";

using Mac = std::array<std::byte, 32>;

Mac hmac_sha256(std::string_view key, std::string_view text) {
    Mac mac{};
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(mac.data()), nullptr);
    return mac;
}

std::chrono::seconds since_epoch(core::WallTime time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch());
}

}  // namespace

bool Credentials::is_token(std::string_view text) const {
    // Their hashes are compared, so that not even the length shows.
    const Mac given = hmac_sha256("godwit", text);
    const Mac wanted = hmac_sha256("godwit", token_);
    return CRYPTO_memcmp(given.data(), wanted.data(), wanted.size()) == 0;
}

std::string Credentials::signature(std::string_view text) const {
    return encode_base64url(hmac_sha256(token_, std::string(kPurpose).append(text)));
}

std::string Credentials::new_session(core::WallTime now) const {
    const std::string end = std::to_string(since_epoch(now + kSessionMax).count());
    return end + "." + signature(end);
}

bool Credentials::is_session(std::string_view text, core::WallTime now) const {
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos) return false;
    const std::string_view end = text.substr(0, dot);
    const std::string_view given = text.substr(dot + 1);
    const std::string wanted = signature(end);
    if (given.size() != wanted.size() ||
        CRYPTO_memcmp(given.data(), wanted.data(), wanted.size()) != 0) {
        return false;
    }
    std::int64_t seconds = 0;
    std::from_chars(end.data(), end.data() + end.size(), seconds);
    return std::chrono::seconds(seconds) > since_epoch(now);
}

}  // namespace godwit::admin
