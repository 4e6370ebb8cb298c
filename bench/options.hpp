// Command-line options as tables: what a scenario knows is a list of rows, and reading, checking
// and --help follow from the rows.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::bench {

enum class OptionKind { flag, whole, decimal, text };

// The largest whole number an option takes; it fits std::uint32_t.
inline constexpr double kWholeMax = 4'000'000'000.0;

struct OptionSpec {
    std::string_view name;  // Without the leading dashes.
    OptionKind kind;
    std::string_view fallback;
    std::string_view help;
    double min = 0;
    double max = kWholeMax;
};

// The options of one run. Reading a name that has no row is a programmer error.
class Options {
public:
    // Takes `--name value`, `--name=value` and, of a flag, `--name` alone. An unknown name or a
    // value outside its row's range ends the program with ExitCode::usage.
    Options(std::vector<OptionSpec> specs, std::span<char* const> arguments);

    bool flag(std::string_view name) const;
    std::uint32_t whole(std::string_view name) const;
    double decimal(std::string_view name) const;
    const std::string& text(std::string_view name) const;

private:
    const OptionSpec& spec(std::string_view name) const;
    void set(std::string_view name, std::string_view value);

    std::vector<OptionSpec> specs_;
    std::map<std::string_view, std::string> values_;  // One for every row.
};

// One line a row, for --help.
std::string describe(std::span<const OptionSpec> specs);

}  // namespace godwit::bench
