// The table of keys, generically. A Field ties a key to a member of a record and to a codec, which
// knows one type: read() checks a YAML value and stores it, or throws a Fault; write() prints it.
// Codecs nest, so that lists and maps of records are described by tables as well.
#pragma once

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fault.hpp"

namespace godwit::config {

// `key` is the path of the value, for errors.
template <typename Record>
struct Field {
    std::string_view name;
    std::function<void(Record&, const YAML::Node&, const std::string& key)> read;
    std::function<void(YAML::Emitter&, const Record&)> write;  // none, like read: not supported
    bool required = false;                                     // in every map of this record
};

template <typename Record>
using Fields = std::vector<Field<Record>>;

// The member of a member, as `record.*first.*rest...`.
template <typename Record, typename... Members>
auto& member_of(Record& record, Members... members) {
    if constexpr (sizeof...(members) == 0) {
        return record;
    } else {
        return [&record](auto first, auto... rest) -> auto& {
            return member_of(record.*first, rest...);
        }
        (members...);
    }
}

// A key whose value is the member reached by following the pointers from a Record.
template <typename Codec, typename Record, typename Member, typename... Rest>
Field<Record> key(std::string_view name, Codec codec, Member Record::*member, Rest... rest) {
    return {
        name,
        [=](Record& record, const YAML::Node& node, const std::string& key) {
            codec.read(member_of(record, member, rest...), node, key);
        },
        [=](YAML::Emitter& out, const Record& record) {
            codec.write(out, member_of(record, member, rest...));
        },
    };
}

template <typename Record>
Field<Record> required(Field<Record> field) {
    field.required = true;
    return field;
}

// A key that is documented and not built: setting it is refused, so that nobody relies on it.
template <typename Record>
Field<Record> unsupported(std::string_view name) {
    return {name, nullptr, nullptr};
}

using Visit = std::function<void(const std::string& name, const YAML::Node& name_node,
                                 const YAML::Node& value)>;

// Calls for each pair of a map; a key that is no scalar or appears twice is a fault.
void for_each_pair(const YAML::Node& map, const std::string& key, const Visit& visit);

[[noreturn]] void throw_unknown_key(const std::string& name, const YAML::Node& name_node,
                                    const std::string& parent,
                                    const std::vector<std::string_view>& valid_names);

inline std::string path_of(const std::string& parent, std::string_view name) {
    return parent.empty() ? std::string(name) : parent + "." + std::string(name);
}

// A map with fixed keys. Keys that are absent leave their members as they were.
template <typename Record>
class RecordCodec {
public:
    explicit RecordCodec(Fields<Record> fields) : fields_(std::move(fields)) {}

    void read(Record& record, const YAML::Node& node, const std::string& key) const {
        if (node.IsNull() && !has_required()) return;  // All keys of a section commented out.
        if (!node.IsMap()) throw_expected("a map of keys", node, key);
        std::vector<std::string_view> seen;
        for_each_pair(node, key, [&](const auto& name, const auto& name_node, const auto& value) {
            const Field<Record>& field = find(name, name_node, key);
            const std::string path = path_of(key, name);
            if (!field.read) throw Fault{name_node.Mark(), path, "not supported yet"};
            field.read(record, value, path);
            seen.push_back(field.name);
        });
        for (const Field<Record>& field : fields_) {
            if (field.required && std::find(seen.begin(), seen.end(), field.name) == seen.end()) {
                throw Fault{node.Mark(), key, "'" + std::string(field.name) + "' is missing"};
            }
        }
    }

    void write(YAML::Emitter& out, const Record& record) const {
        out << YAML::BeginMap;
        for (const Field<Record>& field : fields_) {
            if (!field.write) continue;
            out << YAML::Key << std::string(field.name) << YAML::Value;
            field.write(out, record);
        }
        out << YAML::EndMap;
    }

    [[nodiscard]] bool has(std::string_view name) const {
        return std::any_of(fields_.begin(), fields_.end(),
                           [&](const auto& field) { return field.name == name; });
    }

private:
    [[nodiscard]] bool has_required() const {
        return std::any_of(fields_.begin(), fields_.end(), [](auto& f) { return f.required; });
    }

    const Field<Record>& find(const std::string& name, const YAML::Node& name_node,
                              const std::string& parent) const {
        std::vector<std::string_view> names;
        for (const Field<Record>& field : fields_) {
            if (field.name == name) return field;
            names.push_back(field.name);
        }
        throw_unknown_key(name, name_node, parent, names);
    }

    Fields<Record> fields_;
};

// A section whose keys belong to several parts of the record.
template <typename Record>
Field<Record> section(std::string_view name, Fields<Record> fields) {
    const RecordCodec<Record> codec(std::move(fields));
    return {
        name,
        [codec](Record& record, const YAML::Node& node, const std::string& key) {
            codec.read(record, node, key);
        },
        [codec](YAML::Emitter& out, const Record& record) { codec.write(out, record); },
    };
}

// A list replaces the one of a source with less precedence. Items start from their defaults.
template <typename Codec>
class ListCodec {
public:
    explicit ListCodec(Codec item) : item_(std::move(item)) {}

    template <typename Item>
    void read(std::vector<Item>& list, const YAML::Node& node, const std::string& key) const {
        if (!node.IsSequence()) throw_expected("a list", node, key);
        list.clear();
        for (const YAML::Node& value : node) {
            Item item{};
            item_.read(item, value, key + "[" + std::to_string(list.size()) + "]");
            list.push_back(std::move(item));
        }
    }

    template <typename Item>
    void write(YAML::Emitter& out, const std::vector<Item>& list) const {
        out << (list.empty() ? YAML::Flow : YAML::Block) << YAML::BeginSeq;
        for (const Item& item : list)
            item_.write(out, item);
        out << YAML::EndSeq;
    }

private:
    Codec item_;
};

// A map whose keys the user chooses; it too replaces the one of another source.
template <typename NameCheck, typename Codec>
class MapCodec {
public:
    // The check gets a name and answers what is wrong with it, or nothing.
    MapCodec(NameCheck check, Codec item) : check_(check), item_(std::move(item)) {}

    template <typename Item>
    void read(std::map<std::string, Item, std::less<>>& map, const YAML::Node& node,
              const std::string& key) const {
        if (!node.IsMap()) throw_expected("a map", node, key);
        map.clear();
        for_each_pair(node, key, [&](const auto& name, const auto& name_node, const auto& value) {
            const std::string path = path_of(key, printable(name));
            if (const auto problem = check_(name)) {
                throw Fault{name_node.Mark(), path, std::string(*problem)};
            }
            item_.read(map[name], value, path);
        });
    }

    template <typename Item>
    void write(YAML::Emitter& out, const std::map<std::string, Item, std::less<>>& map) const {
        out << (map.empty() ? YAML::Flow : YAML::Block) << YAML::BeginMap;
        for (const auto& [name, item] : map) {
            out << YAML::Key << YAML::DoubleQuoted << name << YAML::Value;
            item_.write(out, item);
        }
        out << YAML::EndMap;
    }

private:
    NameCheck check_;
    Codec item_;
};

}  // namespace godwit::config
