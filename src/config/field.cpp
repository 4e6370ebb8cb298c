#include "field.hpp"

#include <set>

#include "godwit/config/nearest.hpp"

namespace godwit::config {

void for_each_pair(const YAML::Node& map, const std::string& key, const Visit& visit) {
    std::set<std::string> seen;
    for (const auto& pair : map) {
        if (!pair.first.IsScalar()) throw_expected("a key", pair.first, key);
        const std::string& name = pair.first.Scalar();
        if (!seen.insert(name).second) {
            throw Fault{pair.first.Mark(), path_of(key, printable(name)), "duplicate key"};
        }
        visit(name, pair.first, pair.second);
    }
}

void throw_unknown_key(const std::string& name, const YAML::Node& name_node,
                       const std::string& parent,
                       const std::vector<std::string_view>& valid_names) {
    std::string what = "unknown key";
    if (const auto best = nearest(name, valid_names)) {
        what += " (did you mean '" + path_of(parent, *best) + "'?)";
    } else {
        what += "; here are";
        for (const std::string_view valid : valid_names) {
            what += valid == valid_names.front() ? " " : ", ";
            what += valid;
        }
    }
    throw Fault{name_node.Mark(), path_of(parent, printable(name)), what};
}

}  // namespace godwit::config
