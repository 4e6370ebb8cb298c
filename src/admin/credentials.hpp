// Who may use the interface: whoever knows the token, and a browser with the cookie that it got for
// it. The admin thread's.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "godwit/core/time.hpp"

namespace godwit::admin {

class Credentials {
public:
    static constexpr std::chrono::hours kSessionMax{12};

    explicit Credentials(std::string token) : token_(std::move(token)) {}

    // Cookies that were given for the old one are worth nothing from now on.
    void set_token(std::string token) { token_ = std::move(token); }

    // Both take as long for a wrong one as for the right one.
    [[nodiscard]] bool is_token(std::string_view text) const;
    [[nodiscard]] bool is_session(std::string_view text, core::WallTime now) const;

    // What a cookie says: when it ends, signed with the token.
    [[nodiscard]] std::string new_session(core::WallTime now) const;

private:
    [[nodiscard]] std::string signature(std::string_view text) const;

    std::string token_;
};

}  // namespace godwit::admin
