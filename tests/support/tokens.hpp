// JSON Web Tokens, signed with a secret.
#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "base64.hpp"

namespace godwit::test {

inline constexpr auto kTokenSecret = "a secret of more than thirty-two bytes";

inline std::string encode_url(std::string_view bytes) {
    std::string text = auth::encode_base64(bytes);
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    return text;
}

inline std::string hmac_sha256(std::string_view text, std::string_view secret) {
    std::string digest(32, '\0');
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(digest.data()), nullptr);
    return digest;
}

// Header and claims, as they are signed.
inline std::string signed_text(std::string_view header, std::string_view claims) {
    return encode_url(header) + "." + encode_url(claims);
}

inline std::string hs256(std::string_view claims, std::string_view secret = kTokenSecret,
                         std::string_view header = R"({"alg":"HS256","typ":"JWT"})") {
    const std::string text = signed_text(header, claims);
    return text + "." + encode_url(hmac_sha256(text, secret));
}

}  // namespace godwit::test
