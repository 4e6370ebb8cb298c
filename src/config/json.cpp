// The configuration in force as JSON.
#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>
#include <string>

#include "godwit/config/load.hpp"

namespace godwit::config {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto kHidden = "***";

Json json_scalar(const std::string& name, const YAML::Node& node) {
    const std::string& text = node.Scalar();
    if (name == "password_hash") return kHidden;
    if (node.Tag() == "!") return text;  // quoted
    if (text == "true" || text == "false") return text == "true";
    std::int64_t number = 0;
    if (YAML::convert<std::int64_t>::decode(node, number)) return number;
    return text;
}

Json value(const std::string& name, const YAML::Node& node) {
    switch (node.Type()) {
        case YAML::NodeType::Map: {
            Json map = Json::object();
            for (const auto& pair : node) {
                const auto key = pair.first.as<std::string>();
                map[key] = value(key, pair.second);
            }
            return map;
        }
        case YAML::NodeType::Sequence: {
            Json list = Json::array();
            for (const YAML::Node& item : node)
                list.push_back(value(name, item));
            return list;
        }
        case YAML::NodeType::Scalar: return json_scalar(name, node);
        case YAML::NodeType::Null:
        case YAML::NodeType::Undefined: break;
    }
    return nullptr;
}

}  // namespace

std::string to_json(const Config& config) {
    // Texts that users chose need not be UTF-8.
    return value("", YAML::Load(to_yaml(config)))
        .dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace godwit::config
