#include "overrides.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

#include "document.hpp"
#include "schema.hpp"

namespace godwit::config {
namespace {

constexpr std::string_view kPrefix = "GODWIT_";
constexpr std::string_view kJoint = "__";

// No key is so long, and yaml-cpp takes quadratic time to nest maps.
constexpr std::size_t kPathBytesMax = 256;

// A map with one key in a map with one key and so on, as a file would say it.
YAML::Node nested(std::string_view path, YAML::Node value) {
    for (bool is_last = false; !is_last;) {
        const std::size_t dot = path.rfind('.');
        is_last = dot == std::string_view::npos;
        YAML::Node map(YAML::NodeType::Map);
        map.force_insert(std::string(is_last ? path : path.substr(dot + 1)), value);
        value.reset(map);
        path = path.substr(0, is_last ? 0 : dot);
    }
    return value;
}

// Sets one key. `source` names where the value comes from; what it already says is not repeated.
std::optional<Error> apply(Draft& draft, const std::string& source, std::string_view path,
                           const YAML::Node& value) {
    if (path.size() > kPathBytesMax) return Error{source + ": unknown key"};
    try {
        schema().read(draft, nested(path, value), "");
    } catch (const Fault& fault) {
        const bool is_named = source.ends_with(" " + fault.key);
        return Error{source + ": " + (is_named ? "" : fault.key + ": ") + fault.what};
    }
    return std::nullopt;
}

std::optional<Error> apply_yaml(Draft& draft, const std::string& source, std::string_view path,
                                std::string_view yaml) {
    try {
        return apply(draft, source, path, parse_document(yaml));
    } catch (const Fault& fault) {
        return Error{source + ": " + fault.what};
    }
}

// GODWIT_MQTT__MAX_QOS -> mqtt.max_qos
std::string path_of_variable(std::string_view name) {
    std::string path;
    name.remove_prefix(kPrefix.size());
    while (!name.empty()) {
        if (name.starts_with(kJoint)) {
            path += '.';
            name.remove_prefix(kJoint.size());
        } else {
            path += static_cast<char>(std::tolower(static_cast<unsigned char>(name.front())));
            name.remove_prefix(1);
        }
    }
    return path;
}

std::optional<Error> apply_set(Draft& draft, const std::string& assignment) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos) {
        return Error{"--set " + printable(assignment) + ": expected KEY=VALUE"};
    }
    const std::string path = assignment.substr(0, equals);
    return apply_yaml(draft, "--set " + printable(path), path, assignment.substr(equals + 1));
}

std::optional<Error> apply_listen(Draft& draft, const std::vector<std::string>& addresses) {
    if (addresses.empty()) return std::nullopt;
    draft.listeners.clear();
    for (const std::string& address : addresses) {
        const auto bind = net::parse_bind(address);
        if (!bind || !std::holds_alternative<net::TcpBind>(*bind)) {
            return Error{"--listen: expected HOST:PORT, [V6]:PORT or *:PORT, got '" +
                         printable(address) + "'"};
        }
        ListenerDraft listener;
        listener.settings.bind = *bind;
        draft.listeners.push_back(std::move(listener));
    }
    return std::nullopt;
}

// A value that is taken as it is, not as YAML.
std::optional<Error> apply_text(Draft& draft, std::string_view flag, std::string_view path,
                                const std::optional<std::string>& value) {
    if (!value) return std::nullopt;
    return apply(draft, std::string(flag), path, YAML::Node(*value));
}

}  // namespace

std::optional<Error> apply_environment(Draft& draft, const Environment& environment) {
    // In the order of names a section comes before its keys, so the keys refine it.
    for (const auto& [name, value] : environment) {
        if (!name.starts_with(kPrefix)) continue;
        const std::string path = path_of_variable(name);
        // Without a joint it may be somebody else's variable, such as GODWIT_BINARY.
        if (path.find('.') == std::string::npos && !schema().has(path)) continue;
        if (auto error = apply_yaml(draft, name, path, value)) return error;
    }
    return std::nullopt;
}

std::optional<Error> apply_flags(Draft& draft, const Flags& flags) {
    for (const std::string& assignment : flags.set) {
        if (auto error = apply_set(draft, assignment)) return error;
    }
    if (auto error = apply_text(draft, "--data-dir", "node.data_dir", flags.data_dir)) return error;
    if (auto error = apply_text(draft, "--log-level", "log.level", flags.log_level)) return error;
    return apply_listen(draft, flags.listen);
}

}  // namespace godwit::config
