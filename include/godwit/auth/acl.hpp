// Who may publish and receive what: the rules of the configuration, then those of mosquitto's
// acl_file, then the default; the first that matches decides.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "godwit/core/address_range.hpp"
#include "godwit/core/ports.hpp"

namespace godwit::auth {

// The topics of a rule, as the user wrote them.
struct AclTopics {
    enum class Kind : std::uint8_t {
        pattern,  // a filter in which %u and %c stand for the client's names
        literal,  // a filter
        exact,    // to subscribe, that very filter; to publish, that very topic
    };
    std::string filter;
    Kind kind = Kind::pattern;

    friend bool operator==(const AclTopics&, const AclTopics&) = default;
};

struct AclRule {
    enum class Permit : std::uint8_t { allow, deny };
    enum class Action : std::uint8_t { publish, subscribe, all };

    Permit permit = Permit::allow;
    Action action = Action::all;
    std::string username;                            // empty: any, or none
    std::string client_id;                           // empty: any
    std::optional<core::AddressRange> address = {};  // none: any, or a unix socket
    bool anonymous = false;                          // clients without a user name alone
    std::vector<AclTopics> topics;
    std::size_t line = 0;  // of the acl_file, from 1; 0: a rule of the configuration

    friend bool operator==(const AclRule&, const AclRule&) = default;
};

struct AclSettings {
    enum class Default : std::uint8_t {
        automatic,  // deny where there are rules or a file of them
        allow,
        deny,
    };
    Default otherwise = Default::automatic;
    std::string file;                 // a path; empty: none
    std::vector<AclRule> rules;       // of the configuration
    std::vector<AclRule> file_rules;  // of the file
};

// What an `acl.rules[].topics` means: "eq FILTER" or a pattern. Nothing where the filter is
// invalid.
[[nodiscard]] std::optional<AclTopics> parse_acl_topics(std::string_view text);
// The same text again.
[[nodiscard]] std::string to_string(const AclTopics& topics);

// What is wrong with an acl_file, on one line: FILE, line, reason.
struct AclFileError {
    std::string message;
};
// The rules of a file in mosquitto's format, or of its text; `name` stands for it in errors.
[[nodiscard]] std::variant<std::vector<AclRule>, AclFileError> read_acl_file(
    const std::string& path);
[[nodiscard]] std::variant<std::vector<AclRule>, AclFileError> parse_acl_file(
    std::string_view text, std::string_view name);

// Whether some rule depends on a user name, which means little where nobody vouches for it.
[[nodiscard]] bool names_users(const AclSettings& settings);

// Immutable, so any thread may ask.
class Acl final : public core::AccessPolicy {
public:
    // REQUIRES: settings as config/ checks them.
    explicit Acl(const AclSettings& settings);
    ~Acl();

    [[nodiscard]] bool restricts() const override { return restricts_; }
    [[nodiscard]] bool may_publish(const Client& client, std::string_view topic) const override;
    [[nodiscard]] bool may_receive(const Client& client, std::string_view topic) const override;
    [[nodiscard]] Scope may_subscribe(const Client& client, std::string_view filter) const override;
    // "acl.rules[3] (allow, subscribe)", "acl.file line 12 (deny, all)" or "acl.default (deny)".
    [[nodiscard]] std::string receive_rule(const Client& client,
                                           std::string_view topic) const override;

private:
    struct Rule;
    struct Asked;
    class Judgement;

    void add(const AclRule& rule);
    // Null where no rule does.
    [[nodiscard]] const Rule* find_deciding(const Client& client, AclRule::Action action,
                                            std::string_view topic) const;
    [[nodiscard]] bool decide(const Client& client, AclRule::Action action,
                              std::string_view topic) const;
    template <typename Visit>
    void for_each_rule(std::string_view user_name, Visit visit) const;

    std::vector<Rule> rules_;
    // Indices of rules, ascending.
    std::vector<std::uint32_t> for_any_user_;
    std::map<std::string, std::vector<std::uint32_t>, std::less<>> by_user_;
    bool otherwise_ = true;  // what no rule decides is allowed
    bool restricts_ = false;
};

}  // namespace godwit::auth
