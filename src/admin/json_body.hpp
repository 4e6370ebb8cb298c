// The body of a request: one JSON object whose members are known. What is wrong with it is thrown
// as a Problem that names the member, or the byte.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "json.hpp"

namespace godwit::admin {

class JsonBody {
public:
    explicit JsonBody(const std::string& text);

    [[nodiscard]] std::string required_text(std::string_view name);
    [[nodiscard]] std::string text(std::string_view name, std::string otherwise);
    [[nodiscard]] bool boolean(std::string_view name, bool otherwise);
    [[nodiscard]] int number(std::string_view name, int min, int max, int otherwise);

    // After all were asked for: there are no others.
    void finish() const;

private:
    [[nodiscard]] const Json* find(std::string_view name);

    Json json_;
    std::set<std::string, std::less<>> known_;
};

}  // namespace godwit::admin
