#include "hook.hpp"

#include <nlohmann/json.hpp>

#include "godwit/mqtt/topic.hpp"

namespace godwit::auth {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kQuestionBytesMax = std::size_t{64} * 1024;

std::optional<HookAnswer::Result> parse_result(const Json& answer) {
    const auto found = answer.find("result");
    if (found == answer.end()) return std::nullopt;
    if (*found == "allow") return HookAnswer::Result::allow;
    if (*found == "deny") return HookAnswer::Result::deny;
    if (*found == "ignore") return HookAnswer::Result::ignore;
    return std::nullopt;
}

}  // namespace

std::optional<HookAnswer> parse_hook_answer(std::string_view text) {
    if (text.size() > kHookAnswerBytesMax) return std::nullopt;
    const Json answer = Json::parse(text, nullptr, false);
    if (!answer.is_object()) return std::nullopt;
    const auto result = parse_result(answer);
    if (!result) return std::nullopt;
    const auto superuser = answer.find("superuser");
    if (superuser == answer.end()) return HookAnswer{*result, false};
    if (!superuser->is_boolean()) return std::nullopt;
    return HookAnswer{*result, superuser->get<bool>()};
}

std::optional<std::string> hook_question(const core::Credentials& credentials) {
    const auto or_null = [](const std::optional<std::string>& text) {
        return text ? Json(*text) : Json();
    };
    if (credentials.password && !mqtt::is_utf8_string(*credentials.password)) return std::nullopt;
    const Json question = {
        {"client_id", credentials.client_id},        {"username", or_null(credentials.user_name)},
        {"password", or_null(credentials.password)}, {"address", credentials.host},
        {"listener", credentials.listener},
    };
    std::string text = question.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (text.size() > kQuestionBytesMax) return std::nullopt;
    return text;
}

}  // namespace godwit::auth
