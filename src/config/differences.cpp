#include "godwit/config/differences.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "godwit/config/load.hpp"

namespace godwit::config {
namespace {

// Sections and keys that are read once. changeable() says the same.
constexpr std::array<std::string_view, 5> kAtStart = {"node", "persistence", "log.format",
                                                      "log.outputs", "admin"};

struct Entry {
    std::string key;
    std::string value;
};

std::string text_of(const YAML::Node& node) {
    YAML::Emitter out;
    out.SetSeqFormat(YAML::Flow);
    out.SetMapFormat(YAML::Flow);
    out << node;
    return out.c_str();
}

bool has_maps(const YAML::Node& list) {
    return std::any_of(list.begin(), list.end(), [](const YAML::Node& one) { return one.IsMap(); });
}

void flatten(const std::string& key, const YAML::Node& node, std::vector<Entry>& entries) {
    if (node.IsMap() && node.size() != 0) {
        for (const auto& pair : node) {
            const auto name = pair.first.as<std::string>();
            flatten(key.empty() ? name : key + "." + name, pair.second, entries);
        }
    } else if (node.IsSequence() && has_maps(node)) {
        for (std::size_t i = 0; i < node.size(); ++i) {
            const YAML::Node name = node[i].IsMap() ? node[i]["name"] : YAML::Node();
            const auto label =
                name.IsDefined() && name.IsScalar() ? name.as<std::string>() : std::to_string(i);
            flatten(key + "[" + label + "]", node[i], entries);
        }
    } else {
        entries.push_back({key, text_of(node)});
    }
}

std::vector<Entry> flat(const Config& config) {
    std::vector<Entry> entries;
    flatten("", YAML::Load(to_yaml(config)), entries);
    return entries;
}

bool waits_for_start(std::string_view key) {
    return std::any_of(kAtStart.begin(), kAtStart.end(), [key](std::string_view one) {
        return key.starts_with(one) &&
               (key.size() == one.size() || key[one.size()] == '.' || key[one.size()] == '[');
    });
}

}  // namespace

std::vector<Difference> differences(const Config& from, const Config& to) {
    std::map<std::string, std::string> before;
    for (Entry& entry : flat(from))
        before.emplace(std::move(entry.key), std::move(entry.value));
    std::vector<Difference> found;
    for (Entry& entry : flat(to)) {
        const auto old = before.extract(entry.key);
        if (!old.empty() && old.mapped() == entry.value) continue;
        found.push_back({.key = entry.key,
                         .before = old.empty() ? "" : old.mapped(),
                         .after = std::move(entry.value),
                         .at_next_start = waits_for_start(entry.key)});
    }
    for (auto& [key, value] : before)
        found.push_back(
            {.key = key, .before = value, .after = "", .at_next_start = waits_for_start(key)});
    return found;
}

Config changeable(const Config& from, Config to) {
    to.node = from.node;
    to.net.threads = from.net.threads;
    to.persistence = from.persistence;
    to.log.format = from.log.format;
    to.log.outputs = from.log.outputs;
    to.admin = from.admin;
    return to;
}

}  // namespace godwit::config
