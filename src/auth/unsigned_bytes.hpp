// Text as OpenSSL and argon2 take it.
#pragma once

#include <string_view>

namespace godwit::auth {

// Valid as long as the text.
[[nodiscard]] inline const unsigned char* unsigned_bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace godwit::auth
