#include "parameters.hpp"

#include <algorithm>
#include <charconv>

#include "godwit/mqtt/topic.hpp"
#include "problem.hpp"

namespace godwit::admin {
namespace {

std::string listed(std::span<const std::string_view> names) {
    if (names.empty()) return "; none is known here";
    std::string text = "; known here:";
    for (const std::string_view name : names)
        text.append(" ").append(name);
    return text;
}

}  // namespace

Parameters::Parameters(std::vector<std::pair<std::string, std::string>> given,
                       std::span<const std::string_view> known)
    : given_(std::move(given)) {
    for (auto one = given_.begin(); one != given_.end(); ++one) {
        const std::string& name = one->first;
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            throw bad_request("unknown parameter '" + name + "'" + listed(known));
        }
        const auto same = [&](const auto& other) { return other.first == name; };
        if (std::any_of(given_.begin(), one, same)) {
            throw bad_request("parameter '" + name + "' is given twice");
        }
        if (!mqtt::is_utf8_string(one->second)) {
            throw bad_request("parameter '" + name + "' is not UTF-8");
        }
    }
}

std::optional<std::string> Parameters::text(std::string_view name) const {
    for (const auto& [given, value] : given_) {
        if (given == name) return value;
    }
    return std::nullopt;
}

std::string Parameters::required(std::string_view name) const {
    auto value = text(name);
    if (!value) throw bad_request("parameter '" + std::string(name) + "' is missing");
    return *std::move(value);
}

std::optional<bool> Parameters::boolean(std::string_view name) const {
    const auto value = text(name);
    if (!value) return std::nullopt;
    if (*value == "true") return true;
    if (*value == "false") return false;
    throw bad_request("parameter '" + std::string(name) + "': expected true or false, got '" +
                      *value + "'");
}

std::size_t Parameters::number(std::string_view name, std::size_t min, std::size_t max,
                               std::size_t otherwise) const {
    const auto value = text(name);
    if (!value) return otherwise;
    std::size_t number = 0;
    const char* const end = value->data() + value->size();
    const auto [rest, error] = std::from_chars(value->data(), end, number);
    if (error != std::errc{} || rest != end || number < min || number > max) {
        throw bad_request("parameter '" + std::string(name) + "': expected " + std::to_string(min) +
                          " to " + std::to_string(max) + ", got '" + *value + "'");
    }
    return number;
}

}  // namespace godwit::admin
