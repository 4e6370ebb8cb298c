#include "api.hpp"

#include <fmt/format.h>

#include <utility>

namespace godwit::ctl {

namespace {

constexpr int kUnauthorized = 401;
constexpr int kWrongHost = 421;
constexpr auto kPageSize = "limit=1000";

bool is_success(int status) {
    return status >= 200 && status < 300;
}

// What the answer says of itself, where it is the interface's.
std::string message_of(const Answer& answer) {
    const Json body = Json::parse(answer.body, nullptr, false);
    if (body.is_object() && body.contains("error") && body["error"].is_object())
        return body["error"].value("message", std::string());
    return {};
}

}  // namespace

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view kPlain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string encoded;
    for (const char c : text) {
        if (kPlain.find(c) != std::string_view::npos) {
            encoded += c;
        } else {
            encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return encoded;
}

Json Api::get(const std::string& path) {
    return parse(demand("GET", path, {}).body);
}

Json Api::all(const std::string& path) {
    Json items = Json::array();
    std::string page = path + kPageSize;
    while (true) {
        Json answer = get(page);
        for (Json& item : answer.at("items"))
            items.push_back(std::move(item));
        const Json& cursor = answer.at("next_cursor");
        if (cursor.is_null()) break;
        page = path + kPageSize + "&cursor=" + percent_encoded(cursor.get<std::string>());
    }
    return {{"items", std::move(items)}};
}

Json Api::post(const std::string& path, const Json& body) {
    return parse(demand("POST", path, body.is_null() ? "" : body.dump()).body);
}

void Api::remove(const std::string& path) {
    static_cast<void>(demand("DELETE", path, {}));
}

std::pair<int, Json> Api::look(const std::string& path) {
    const Answer answer = exchange_.ask("GET", path, {});
    Json body = Json::parse(answer.body, nullptr, false);
    return {answer.status, body.is_discarded() ? Json() : std::move(body)};
}

Answer Api::demand(const std::string& method, const std::string& path, const std::string& body) {
    Answer answer = exchange_.ask(method, path, body);
    if (is_success(answer.status)) return answer;
    if (answer.status == kUnauthorized && target_.token.empty()) {
        throw Failure{target_.url + " wants a token: name it with --token-file, --token or " +
                      "GODWIT_TOKEN"};
    }
    if (answer.status == kUnauthorized) {
        throw Failure{target_.url + " does not take the token of " + target_.token_from +
                      "; the broker's is in the file that its admin.token_file names"};
    }
    const std::string message = message_of(answer);
    if (answer.status == kWrongHost)
        throw Failure{target_.url + ": " + message + "; use an address in --url"};
    if (message.empty()) {
        throw Failure{fmt::format("{} answers with status {}, and not as Godwit does", target_.url,
                                  answer.status)};
    }
    throw Failure{message};
}

Json Api::parse(const std::string& body) const {
    Json json = Json::parse(body, nullptr, false);
    if (!json.is_discarded()) return json;
    throw Failure{target_.url + " does not answer as Godwit does"};
}

}  // namespace godwit::ctl
