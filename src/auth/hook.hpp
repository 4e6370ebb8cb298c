// auth.http: somebody else's program decides. The question is a JSON object, POSTed; the answer is
// status 200 and another one: {"result": "allow" | "deny" | "ignore", "superuser": true | false}.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "godwit/auth/settings.hpp"
#include "godwit/core/authenticator.hpp"

namespace godwit::auth {

// A longer answer is none.
inline constexpr std::size_t kHookAnswerBytesMax = std::size_t{16} * 1024;

struct HookAnswer {
    enum class Result : std::uint8_t { allow, deny, ignore };

    Result result = Result::ignore;
    bool superuser = false;
};

// Nothing where the text is not such an answer. Other members are ignored.
[[nodiscard]] std::optional<HookAnswer> parse_hook_answer(std::string_view text);

// Nothing where the password is no UTF-8, of which JSON consists, or all of it is more than 64 KiB.
[[nodiscard]] std::optional<std::string> hook_question(const core::Credentials& credentials);

// How questions get there. Any thread.
class Hook {
public:
    struct Failure {
        std::string why;
    };
    using Reply = std::function<void(std::variant<HookAnswer, Failure>)>;

    virtual ~Hook() = default;

    // The reply comes once, on a thread of the hook's own. False: too many questions are open, and
    // there will be none.
    [[nodiscard]] virtual bool ask(const HttpSettings& settings, std::string question,
                                   Reply reply) = 0;
};

}  // namespace godwit::auth
