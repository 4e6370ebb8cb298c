#include "godwit/auth/acl.hpp"

#include <algorithm>
#include <utility>

#include "acl_topics.hpp"
#include "godwit/mqtt/topic.hpp"

namespace godwit::auth {

namespace {

using Action = AclRule::Action;
using Kind = AclTopics::Kind;
using Permit = AclRule::Permit;

constexpr std::string_view kExact = "eq ";

// Whether a condition holds; it is open where an address is to be compared that is not known.
enum class Holds : std::uint8_t { no, yes, open };

// Of HOST:PORT, or [V6]:PORT; nothing for the path of a unix socket.
std::optional<core::IpAddress> host_of(std::string_view address) {
    std::string_view host = address.substr(0, address.rfind(':'));
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return core::IpAddress::parse(host);
}

std::string_view to_string(Permit permit) {
    return permit == Permit::allow ? "allow" : "deny";
}

std::string_view to_string(Action action) {
    switch (action) {
        case Action::publish: return "publish";
        case Action::subscribe: return "subscribe";
        case Action::all: break;
    }
    return "all";
}

}  // namespace

std::optional<AclTopics> parse_acl_topics(std::string_view text) {
    AclTopics topics;
    if (text.starts_with(kExact)) {
        text.remove_prefix(kExact.size());
        topics.kind = Kind::exact;
    }
    if (!mqtt::is_topic_filter(text)) return std::nullopt;
    topics.filter = text;
    return topics;
}

std::string to_string(const AclTopics& topics) {
    return (topics.kind == Kind::exact ? std::string(kExact) : std::string()) + topics.filter;
}

bool names_users(const AclSettings& settings) {
    const auto names_user = [](const AclRule& rule) {
        return !rule.username.empty() ||
               std::any_of(rule.topics.begin(), rule.topics.end(), [](const AclTopics& topics) {
                   return topics.kind == Kind::pattern &&
                          topics.filter.find("%u") != std::string::npos;
               });
    };
    return std::any_of(settings.rules.begin(), settings.rules.end(), names_user) ||
           std::any_of(settings.file_rules.begin(), settings.file_rules.end(), names_user);
}

// A rule ready to be asked.
struct Acl::Rule {
    struct Topics {
        std::string filter;
        bool exact;
        TopicPattern pattern;
    };

    explicit Rule(const AclRule& rule)
        : permit(rule.permit),
          action(rule.action),
          client_id(rule.client_id),
          network(rule.address),
          anonymous(rule.anonymous),
          line(rule.line) {
        for (const AclTopics& one : rule.topics) {
            topics.push_back({one.filter, one.kind == Kind::exact,
                              TopicPattern(one.filter, one.kind == Kind::pattern)});
        }
    }

    [[nodiscard]] bool is_about(Action asked) const {
        return action == Action::all || action == asked;
    }
    [[nodiscard]] bool matches(const Client& client, Action asked, std::string_view topic) const {
        return std::any_of(topics.begin(), topics.end(), [&](const Topics& one) {
            if (one.exact && asked == Action::publish) return one.filter == topic;
            // Whoever may have that very filter gets all it matches; that filter denied says
            // nothing of topics that come through another one.
            if (one.exact && permit == Permit::deny) return false;
            return one.pattern.visit_set(client,
                                         [&](const TopicSet& set) { return set.contains(topic); });
        });
    }

    Permit permit;
    Action action;
    std::string client_id;
    std::optional<core::AddressRange> network;
    bool anonymous;
    std::size_t line;
    std::vector<Topics> topics;
};

// Who is asked about. The address is taken apart once, where some rule wants it.
struct Acl::Asked {
    explicit Asked(const Client& who) : client(who) {}

    [[nodiscard]] Holds fits(const Rule& rule) {
        if (!rule.client_id.empty() && rule.client_id != client.client_id) return Holds::no;
        if (rule.anonymous && !client.user_name.empty()) return Holds::no;
        if (!rule.network) return Holds::yes;
        if (client.address.empty()) return Holds::open;
        if (!parsed) {
            host = host_of(client.address);
            parsed = true;
        }
        return host && rule.network->contains(*host) ? Holds::yes : Holds::no;
    }
    // As fits(), where a yes or no is wanted: then what is open allows nothing and denies.
    [[nodiscard]] bool falls_under(const Rule& rule) {
        const Holds holds = fits(rule);
        return holds == Holds::yes || (holds == Holds::open && rule.permit == Permit::deny);
    }

    const Client& client;
    std::optional<core::IpAddress> host;
    bool parsed = false;
};

Acl::Acl(const AclSettings& settings) {
    for (const AclRule& rule : settings.rules)
        add(rule);
    for (const AclRule& rule : settings.file_rules)
        add(rule);
    const bool has_rules = !settings.rules.empty() || !settings.file.empty();
    otherwise_ = settings.otherwise == AclSettings::Default::allow ||
                 (settings.otherwise == AclSettings::Default::automatic && !has_rules);
    restricts_ = has_rules || !otherwise_;
}

Acl::~Acl() = default;

void Acl::add(const AclRule& rule) {
    const auto index = static_cast<std::uint32_t>(rules_.size());
    rules_.emplace_back(rule);
    (rule.username.empty() ? for_any_user_ : by_user_[rule.username]).push_back(index);
}

// In their order, until `visit` returns true.
template <typename Visit>
void Acl::for_each_rule(std::string_view user_name, Visit visit) const {
    static const std::vector<std::uint32_t> kNone;
    const auto named = by_user_.find(user_name);
    const auto& own = named == by_user_.end() ? kNone : named->second;
    auto a = for_any_user_.begin();
    auto b = own.begin();
    while (a != for_any_user_.end() || b != own.end()) {
        const bool take_own = a == for_any_user_.end() || (b != own.end() && *b < *a);
        if (visit(rules_[take_own ? *b++ : *a++])) return;
    }
}

bool Acl::may_publish(const Client& client, std::string_view topic) const {
    return decide(client, Action::publish, topic);
}

bool Acl::may_receive(const Client& client, std::string_view topic) const {
    return decide(client, Action::subscribe, topic);
}

std::string Acl::receive_rule(const Client& client, std::string_view topic) const {
    const Rule* const rule = find_deciding(client, Action::subscribe, topic);
    if (rule == nullptr) return otherwise_ ? "acl.default (allow)" : "acl.default (deny)";
    const std::string place = rule->line != 0
                                  ? "acl.file line " + std::to_string(rule->line)
                                  : "acl.rules[" + std::to_string(rule - rules_.data()) + "]";
    return place + " (" + std::string(to_string(rule->permit)) + ", " +
           std::string(to_string(rule->action)) + ")";
}

const Acl::Rule* Acl::find_deciding(const Client& client, Action action,
                                    std::string_view topic) const {
    Asked asked(client);
    const Rule* deciding = nullptr;
    for_each_rule(client.user_name, [&](const Rule& rule) {
        if (!rule.is_about(action) || !asked.falls_under(rule)) return false;
        if (!rule.matches(client, action, topic)) return false;
        deciding = &rule;
        return true;
    });
    return deciding;
}

bool Acl::decide(const Client& client, Action action, std::string_view topic) const {
    const Rule* const rule = find_deciding(client, action, topic);
    return rule == nullptr ? otherwise_ : rule->permit == Permit::allow;
}

// What the rules say of one filter, in their order.
class Acl::Judgement {
public:
    Judgement(const Client& client, std::string_view filter)
        : client_(client), filter_(filter), set_(filter) {}

    // True once the rest of the rules can change nothing.
    [[nodiscard]] bool hear(const Rule& rule, bool open) {
        for (const Rule::Topics& topics : rule.topics) {
            if (topics.exact) {
                if (topics.filter == filter_ && hear_exact(rule.permit, open)) return true;
                continue;
            }
            const bool decided = topics.pattern.visit_set(client_, [&](const TopicSet& set) {
                return rule.permit == Permit::allow ? hear_allowed(set, open)
                                                    : hear_denied(set, open);
            });
            if (decided) return true;
        }
        return false;
    }
    void hear_otherwise(bool allowed) {
        if (allowed) (void)hear_exact(Permit::allow, false);
    }

    [[nodiscard]] Scope scope() const { return scope_; }

private:
    // All topics of the filter.
    bool hear_exact(Permit permit, bool open) {
        if (permit == Permit::deny) {
            if (open) partly_denied_ = true;
            if (!open) scope_ = Scope::none;
            return !open;
        }
        if (!open && !partly_denied_) {
            scope_ = Scope::all;
            return true;
        }
        if (set_.has_more_than(denied_)) scope_ = Scope::some;
        return false;
    }
    bool hear_allowed(const TopicSet& allowed, bool open) {
        if (!open && !partly_denied_ && allowed.covers(set_)) {
            scope_ = Scope::all;
            return true;
        }
        if (set_.has_more_than(denied_, &allowed)) scope_ = Scope::some;
        return false;
    }
    bool hear_denied(const TopicSet& denied, bool open) {
        if (!denied.overlaps(set_)) return false;
        partly_denied_ = true;
        if (!open) denied_.push_back(denied);
        return false;
    }

    const Client& client_;
    const std::string_view filter_;
    const TopicSet set_;  // of the filter
    std::vector<TopicSet> denied_;
    bool partly_denied_ = false;
    Scope scope_ = Scope::none;
};

Acl::Scope Acl::may_subscribe(const Client& client, std::string_view filter) const {
    Asked asked(client);
    Judgement judgement(client, filter);
    bool decided = false;
    for_each_rule(client.user_name, [&](const Rule& rule) {
        if (!rule.is_about(Action::subscribe)) return false;
        const Holds holds = asked.fits(rule);
        decided = holds != Holds::no && judgement.hear(rule, holds == Holds::open);
        return decided;
    });
    if (!decided) judgement.hear_otherwise(otherwise_);
    return judgement.scope();
}

}  // namespace godwit::auth
