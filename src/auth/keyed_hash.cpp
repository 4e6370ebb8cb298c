#include "keyed_hash.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstring>
#include <stdexcept>
#include <string>

#include "unsigned_bytes.hpp"

namespace godwit::auth {

KeyedHash::KeyedHash() {
    if (RAND_bytes(key_.data(), static_cast<int>(key_.size())) != 1) {
        throw std::runtime_error("no random bytes for a key");
    }
}

Digest KeyedHash::operator()(std::initializer_list<std::string_view> parts) const {
    std::string text;
    for (const std::string_view part : parts) {
        const std::uint64_t size = part.size();
        text.append(reinterpret_cast<const char*>(&size), sizeof size);
        text.append(part);
    }
    Digest digest{};
    const unsigned char* done = HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
                                     unsigned_bytes(text), text.size(), digest.data(), nullptr);
    OPENSSL_cleanse(text.data(), text.size());
    // Digests that were not made would all be equal.
    if (done == nullptr) throw std::runtime_error("HMAC failed");
    return digest;
}

std::uint64_t KeyedHash::short_digest(std::initializer_list<std::string_view> parts) const {
    const Digest digest = (*this)(parts);
    std::uint64_t beginning = 0;
    std::memcpy(&beginning, digest.data(), sizeof beginning);
    return beginning;
}

bool equal(const Digest& left, const Digest& right) {
    return CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace godwit::auth
