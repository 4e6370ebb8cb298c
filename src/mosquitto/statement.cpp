#include "statement.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "godwit/mqtt/topic.hpp"

namespace godwit::mosquitto {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::size_t kFileBytesMax = 4UL * 1024 * 1024;

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

Statement parse_line(std::string_view line) {
    const std::size_t end = line.find_first_of(kBlanks);
    Statement statement{.option = std::string(line.substr(0, end))};
    if (end != std::string_view::npos) statement.value = trimmed(line.substr(end));
    return statement;
}

struct FileText {
    std::string text;
    std::string problem;
};

FileText read_file(const std::string& path) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) return {{}, "it is a directory"};
    std::ifstream file(path, std::ios::binary);
    if (!file) return {{}, std::generic_category().message(errno)};
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (file.bad()) return {{}, std::generic_category().message(errno)};
    if (text.size() > kFileBytesMax) return {{}, "it is larger than 4MiB"};
    return {std::move(text), {}};
}

// mosquitto's order: letter by letter, and of the same letter the upper case first.
bool comes_before(std::string_view left, std::string_view right) {
    const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
        if (lower(left[i]) != lower(right[i])) return lower(left[i]) < lower(right[i]);
        if (left[i] != right[i]) return left[i] < right[i];
    }
    return left.size() < right.size();
}

std::vector<std::string> files_of(const std::string& directory, std::error_code& error) {
    std::vector<std::string> names;
    for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (name.size() > 5 && name.ends_with(".conf")) names.push_back(name);
    }
    std::sort(names.begin(), names.end(), comes_before);
    for (std::string& name : names)
        name = (std::filesystem::path(directory) / name).string();
    return names;
}

// What the directory holds, or why it cannot be read.
std::variant<Statements, Refusal> read_directory(const Statement& include) {
    Statements all;
    std::error_code error;
    const auto files = files_of(include.value, error);
    if (error) return Refusal{include.value + ": cannot be read: " + error.message()};
    for (const std::string& path : files) {
        const FileText file = read_file(path);
        if (!file.problem.empty()) return Refusal{path + ": cannot be read: " + file.problem};
        auto split = split_statements(file.text, path);
        if (auto* refusal = std::get_if<Refusal>(&split)) return std::move(*refusal);
        for (Statement& statement : std::get<Statements>(split)) {
            statement.file = path;
            all.push_back(std::move(statement));
        }
    }
    return all;
}

bool is_secret(std::string_view option) {
    static constexpr std::string_view kNamed[] = {"bridge_psk", "local_password", "password",
                                                  "remote_password", "tls_engine_kpass_sha1"};
    // What the options of a plugin mean only the plugin knows.
    return option.starts_with("auth_opt_") || option.starts_with("plugin_opt_") ||
           std::find(std::begin(kNamed), std::end(kNamed), option) != std::end(kNamed);
}

}  // namespace

std::variant<Statements, Refusal> split_statements(std::string_view text, const std::string& path) {
    Statements statements;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        const std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!mqtt::is_utf8_string(line)) {
            return Refusal{path + ":" + std::to_string(number) +
                           ": not text in UTF-8, so this is no mosquitto.conf"};
        }
        if (line.empty() || line.front() == '#') continue;
        statements.push_back(parse_line(line));
        statements.back().line = number;
    }
    return statements;
}

std::variant<Statements, Refusal> read_statements(const std::string& path) {
    const FileText file = read_file(path);
    if (!file.problem.empty()) return Refusal{path + ": cannot be read: " + file.problem};
    auto split = split_statements(file.text, path);
    if (std::holds_alternative<Refusal>(split)) return split;
    Statements all;
    for (Statement& statement : std::get<Statements>(split)) {
        const bool includes = statement.option == "include_dir";
        all.push_back(std::move(statement));
        if (!includes) continue;
        auto included = read_directory(all.back());
        if (std::holds_alternative<Refusal>(included)) return included;
        auto& more = std::get<Statements>(included);
        std::move(more.begin(), more.end(), std::back_inserter(all));
    }
    return all;
}

std::string place_of(const Statement& statement) {
    std::string place = "line " + std::to_string(statement.line);
    return statement.file.empty() ? place : place + " of " + statement.file;
}

std::string text_of(const Statement& statement) {
    if (statement.value.empty()) return statement.option;
    return statement.option + " " + (is_secret(statement.option) ? "***" : statement.value);
}

}  // namespace godwit::mosquitto
