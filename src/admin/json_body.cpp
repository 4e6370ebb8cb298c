#include "json_body.hpp"

#include "problem.hpp"

namespace godwit::admin {
namespace {

Problem wrong(std::string_view name, std::string_view expected) {
    return bad_request("'" + std::string(name) + "': expected " + std::string(expected));
}

Json parse(const std::string& text) {
    try {
        return Json::parse(text);
    } catch (const Json::parse_error& error) {
        throw bad_request("the body is not valid JSON at byte " + std::to_string(error.byte));
    }
}

}  // namespace

JsonBody::JsonBody(const std::string& text) : json_(parse(text)) {
    if (!json_.is_object()) throw bad_request("the body is not a JSON object");
}

const Json* JsonBody::find(std::string_view name) {
    known_.emplace(name);
    const auto found = json_.find(name);
    return found == json_.end() ? nullptr : &*found;
}

std::string JsonBody::required_text(std::string_view name) {
    const Json* const value = find(name);
    if (value == nullptr) throw bad_request("'" + std::string(name) + "' is missing");
    if (!value->is_string()) throw wrong(name, "a text");
    return value->get<std::string>();
}

std::string JsonBody::text(std::string_view name, std::string otherwise) {
    return find(name) == nullptr ? std::move(otherwise) : required_text(name);
}

bool JsonBody::boolean(std::string_view name, bool otherwise) {
    const Json* const value = find(name);
    if (value == nullptr) return otherwise;
    if (!value->is_boolean()) throw wrong(name, "true or false");
    return value->get<bool>();
}

int JsonBody::number(std::string_view name, int min, int max, int otherwise) {
    const Json* const value = find(name);
    if (value == nullptr) return otherwise;
    if (!value->is_number_integer() || *value < min || *value > max) {
        throw wrong(name, std::to_string(min) + " to " + std::to_string(max));
    }
    return value->get<int>();
}

void JsonBody::finish() const {
    for (const auto& [name, value] : json_.items()) {
        if (!known_.contains(name)) throw bad_request("unknown member '" + name + "'");
    }
}

}  // namespace godwit::admin
