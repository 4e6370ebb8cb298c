// The words of a YAML file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::mosquitto {

// A key with its value, or with the keys below it.
struct Key {
    std::string name;
    std::string value;       // as it is to stand in the file
    std::string comment;     // empty: none
    std::vector<Key> below;  // not empty: instead of the value
};

using Keys = std::vector<Key>;

// In double quotes.
[[nodiscard]] std::string quoted(std::string_view text);
[[nodiscard]] std::string boolean(bool value);

// Fit for a comment: one line of what can be printed.
[[nodiscard]] std::string one_line(std::string_view text);

// Each line begins with `indent`, the first one with `first`.
[[nodiscard]] std::string to_lines(const Keys& keys, const std::string& first,
                                   const std::string& indent);

// A section of the file and an empty line before it; nothing where there are no keys.
[[nodiscard]] std::string section(std::string_view name, const Keys& keys);

}  // namespace godwit::mosquitto
