// What is wrong with one value of the configuration. Thrown while a source is read, and caught
// where the source is known: nothing of it leaves config/.
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <string_view>

namespace godwit::config {

struct Fault {
    YAML::Mark mark;   // counts from 0; meaningful for files alone
    std::string key;   // the whole path, such as listeners[1].bind; empty: the text as such
    std::string what;  // for people
};

// Without control characters and at a readable length, so that an error stays one line.
[[nodiscard]] std::string printable(std::string_view text);

// 'abc', a list, nothing: the value as it appears in 'expected a number, got ...'.
[[nodiscard]] std::string describe(const YAML::Node& node);

// "expected <what>, got <the value>".
[[noreturn]] void throw_expected(std::string_view what, const YAML::Node& node,
                                 const std::string& key);

// The text of a scalar that is not quoted, or a fault.
[[nodiscard]] const std::string& plain_scalar(std::string_view expected, const YAML::Node& node,
                                              const std::string& key);

// The text of any scalar, or a fault.
[[nodiscard]] const std::string& scalar(std::string_view expected, const YAML::Node& node,
                                        const std::string& key);

}  // namespace godwit::config
