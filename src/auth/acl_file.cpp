// mosquitto's acl_file, as mosquitto 2.0 reads it: `topic` lines before the first `user` are for
// clients without a user name, those behind one for that user, `pattern` lines for all. What denies
// comes first among the topics of a user, and among the patterns behind them.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>

#include "godwit/auth/acl.hpp"
#include "godwit/mqtt/topic.hpp"

namespace godwit::auth {

namespace {

constexpr std::size_t kFileBytesMax = 64UL * 1024 * 1024;
constexpr std::string_view kBlank = " \t\r";

std::string_view trim(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(kBlank);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

// Takes the first word off `rest`, which is trimmed.
std::string_view take_word(std::string_view& rest) {
    const std::string_view word = rest.substr(0, rest.find_first_of(kBlank));
    rest = trim(rest.substr(word.size()));
    return word;
}

struct Access {
    std::string_view word;
    AclRule::Permit permit;
    AclRule::Action action;
};
constexpr std::array<Access, 4> kAccesses = {{
    {"read", AclRule::Permit::allow, AclRule::Action::subscribe},
    {"write", AclRule::Permit::allow, AclRule::Action::publish},
    {"readwrite", AclRule::Permit::allow, AclRule::Action::all},
    {"deny", AclRule::Permit::deny, AclRule::Action::all},
}};

class AclFile {
public:
    // What is wrong with the line, or nothing.
    [[nodiscard]] std::optional<std::string> read(std::string_view line) {
        ++number_;
        line = trim(line);
        if (line.empty() || line.starts_with('#')) return std::nullopt;
        const std::string_view word = take_word(line);
        if (word == "user") return read_user(line);
        if (word == "topic") return read_topic(line, AclTopics::Kind::literal);
        if (word == "pattern") return read_topic(line, AclTopics::Kind::pattern);
        return "expected 'user', 'topic' or 'pattern'";
    }

    [[nodiscard]] std::size_t line() const { return number_; }  // that was read last

    // As rules of which the first match decides.
    [[nodiscard]] std::vector<AclRule> take_rules() {
        const auto last_user = std::stable_partition(
            rules_.begin(), rules_.end(),
            [](const AclRule& rule) { return rule.topics[0].kind == AclTopics::Kind::literal; });
        // Rules of different users never meet, so one order does for all of them.
        const auto denies = [](const AclRule& rule) {
            return rule.permit == AclRule::Permit::deny;
        };
        std::stable_partition(rules_.begin(), last_user, denies);
        std::stable_partition(last_user, rules_.end(), denies);
        return std::move(rules_);
    }

private:
    std::optional<std::string> read_user(std::string_view name) {
        if (name.empty()) return "'user' without a name";
        user_ = name;
        return std::nullopt;
    }

    std::optional<std::string> read_topic(std::string_view text, AclTopics::Kind kind) {
        std::string_view filter = text;
        const std::string_view word = take_word(filter);
        Access access = kAccesses[2];
        if (filter.empty()) {  // The one word is the topic.
            filter = word;
        } else {
            const auto* const found =
                std::find_if(kAccesses.begin(), kAccesses.end(),
                             [&](const Access& one) { return one.word == word; });
            if (found == kAccesses.end()) return "expected read, write, readwrite or deny";
            access = *found;
        }
        if (filter.empty()) return "no topic";
        if (!mqtt::is_utf8_string(filter) || !mqtt::is_topic_filter(filter)) {
            return "not a valid topic filter";
        }
        AclRule rule{.permit = access.permit, .action = access.action};
        rule.line = number_;
        if (kind == AclTopics::Kind::literal) {
            rule.username = user_;
            rule.anonymous = user_.empty();
        }
        rule.topics = {{std::string(filter), kind}};
        rules_.push_back(std::move(rule));
        return std::nullopt;
    }

    std::vector<AclRule> rules_;
    std::size_t number_ = 0;  // of the line that is read
    std::string user_;        // of the lines that follow; empty: none
};

struct FileText {
    std::string text;
    std::string problem;
};

FileText read_text(const std::string& path) {
    using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
    const auto failure = [] { return "cannot be read: " + std::generic_category().message(errno); };
    const File file(std::fopen(path.c_str(), "re"), &std::fclose);
    if (!file) return {{}, failure()};
    FileText result;
    std::array<char, 65'536> part;
    for (;;) {
        const std::size_t size = std::fread(part.data(), 1, part.size(), file.get());
        if (size == 0) break;
        result.text.append(part.data(), size);
        if (result.text.size() > kFileBytesMax) return {{}, "larger than 64MiB"};
    }
    if (std::ferror(file.get()) != 0) result.problem = failure();
    return result;
}

}  // namespace

std::variant<std::vector<AclRule>, AclFileError> parse_acl_file(std::string_view text,
                                                                std::string_view name) {
    AclFile file;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (const auto problem = file.read(text.substr(0, end))) {
            return AclFileError{std::string(name) + ":" + std::to_string(file.line()) + ": " +
                                *problem};
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return file.take_rules();
}

std::variant<std::vector<AclRule>, AclFileError> read_acl_file(const std::string& path) {
    const FileText file = read_text(path);
    if (!file.problem.empty()) return AclFileError{path + ": " + file.problem};
    return parse_acl_file(file.text, path);
}

}  // namespace godwit::auth
