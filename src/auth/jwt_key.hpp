// The key of JSON Web Tokens: whether a signature is one of its owner's. Constant; any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/auth/settings.hpp"

namespace godwit::auth {

class JwtKey {
public:
    // Reads the file that belongs to the algorithm; throws SourceError where the key is none for
    // it.
    JwtKey(const JwtSettings& settings, std::vector<std::string>& warnings);
    ~JwtKey();

    // As a token's header names it.
    [[nodiscard]] std::string_view algorithm() const;
    [[nodiscard]] bool verify(std::string_view text, std::string_view signature) const;

    // What the key was read from.
    [[nodiscard]] const std::string& content() const { return content_; }

private:
    class PublicKey;

    void read_secret(const std::string& path, std::vector<std::string>& warnings);
    void read_public_key(const std::string& path);

    const JwtAlgorithm algorithm_;
    std::string content_;                          // of HMAC algorithms this is the key
    std::unique_ptr<const PublicKey> public_key_;  // of the others
};

}  // namespace godwit::auth
