// The section `auth`.
#include <algorithm>
#include <set>

#include "schema.hpp"

namespace godwit::config {
namespace {

using namespace std::chrono_literals;

// What is wrong with a hash is said without the hash, and it is never printed.
struct PasswordHashCodec {
    void read(auth::PasswordHash& target, const YAML::Node& node, const std::string& key) const {
        if (!node.IsScalar()) throw Fault{node.Mark(), key, "expected a password hash"};
        auto parsed = auth::PasswordHash::parse(node.Scalar());
        if (const auto* problem = std::get_if<std::string_view>(&parsed)) {
            throw Fault{node.Mark(), key, std::string(*problem)};
        }
        target = std::get<auth::PasswordHash>(std::move(parsed));
    }
    void write(YAML::Emitter& out, const auth::PasswordHash&) const { write_quoted(out, "*"); }
};

struct UserNameCodec {
    void read(std::string& target, const YAML::Node& node, const std::string& key) const {
        TextCodec{}.read(target, node, key);
        if (target.empty()) throw_expected("a user name", node, key);
    }
    void write(YAML::Emitter& out, const std::string& name) const { write_quoted(out, name); }
};

class UsersCodec {
public:
    void read(std::vector<auth::InlineUser>& users, const YAML::Node& node,
              const std::string& key) const {
        // Else the complaint would show what stands there, and that may be a hash.
        const auto is_map = [](const YAML::Node& item) { return item.IsMap(); };
        if (!node.IsSequence() || !std::all_of(node.begin(), node.end(), is_map)) {
            throw Fault{node.Mark(), key,
                        "expected a list of {username: NAME, password_hash: HASH}"};
        }
        list_.read(users, node, key);
        std::set<std::string_view> names;
        for (std::size_t i = 0; i < users.size(); ++i) {
            const std::string& name = users[i].user_name;
            if (names.insert(name).second) continue;
            throw Fault{node[i].Mark(), key + "[" + std::to_string(i) + "].username",
                        "another user is called '" + printable(name) + "' too"};
        }
    }
    void write(YAML::Emitter& out, const std::vector<auth::InlineUser>& users) const {
        list_.write(out, users);
    }

private:
    ListCodec<RecordCodec<auth::InlineUser>> list_{RecordCodec<auth::InlineUser>({
        required(key("username", UserNameCodec{}, &auth::InlineUser::user_name)),
        required(key("password_hash", PasswordHashCodec{}, &auth::InlineUser::password_hash)),
    })};
};

ChoiceCodec<auth::JwtAlgorithm> algorithm_codec() {
    using Algorithm = auth::JwtAlgorithm;
    return {
        {"", Algorithm::none},       {"HS256", Algorithm::hs256}, {"HS384", Algorithm::hs384},
        {"HS512", Algorithm::hs512}, {"RS256", Algorithm::rs256}, {"RS384", Algorithm::rs384},
        {"RS512", Algorithm::rs512}, {"ES256", Algorithm::es256}, {"ES384", Algorithm::es384},
        {"ES512", Algorithm::es512},
    };
}

struct AlgorithmCodec {
    void read(auth::JwtAlgorithm& target, const YAML::Node& node, const std::string& key) const {
        algorithm_codec().read(target, node, key);
    }
    void write(YAML::Emitter& out, auth::JwtAlgorithm algorithm) const {
        if (algorithm == auth::JwtAlgorithm::none) return write_quoted(out, "");
        algorithm_codec().write(out, algorithm);
    }
};

ChoiceCodec<auth::JwtSettings::From> from_codec() {
    return {
        {"password", auth::JwtSettings::From::password},
        {"username", auth::JwtSettings::From::user_name},
    };
}

std::optional<std::string_view> claim_name_problem(std::string_view name) {
    if (!name.empty()) return std::nullopt;
    return "a claim has a name";
}

RecordCodec<auth::JwtSettings> jwt_codec() {
    using Settings = auth::JwtSettings;
    return RecordCodec<Settings>({
        key("secret_file", TextCodec{}, &Settings::secret_file),
        key("public_key_file", TextCodec{}, &Settings::public_key_file),
        key("algorithm", AlgorithmCodec{}, &Settings::algorithm),
        key("from", from_codec(), &Settings::from),
        key("claims", MapCodec(claim_name_problem, TextCodec{}), &Settings::claims),
    });
}

// http://HOST... or https://HOST..., without a user name or password in it.
bool is_http_url(std::string_view text) {
    const std::size_t scheme_end = text.find("://");
    const std::string_view scheme = text.substr(0, scheme_end);
    if (scheme != "http" && scheme != "https") return false;
    const auto is_visible = [](char c) { return c > ' ' && c < '\x7F'; };
    if (!std::all_of(text.begin(), text.end(), is_visible)) return false;
    const std::string_view rest = text.substr(scheme_end + 3);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    return !authority.empty() && authority.find('@') == std::string_view::npos;
}

struct UrlCodec {
    void read(std::string& target, const YAML::Node& node, const std::string& key) const {
        TextCodec{}.read(target, node, key);
        if (target.empty() || is_http_url(target)) return;
        // Not what it is: there may be a password in it.
        throw Fault{node.Mark(), key, "expected http://HOST:PORT/PATH or https:// without a user"};
    }
    void write(YAML::Emitter& out, const std::string& url) const { write_quoted(out, url); }
};

RecordCodec<auth::HttpSettings> http_codec() {
    using Settings = auth::HttpSettings;
    return RecordCodec<Settings>({
        key("url", UrlCodec{}, &Settings::url),
        key("timeout", DurationCodec{.min = 100ms, .max = 1min}, &Settings::timeout),
        key("cache", DurationCodec{.max = 24h}, &Settings::cache),
    });
}

RecordCodec<auth::LockoutSettings> lockout_codec() {
    using Settings = auth::LockoutSettings;
    return RecordCodec<Settings>({
        key("failures", IntegerCodec{}, &Settings::failures),
        key("window", DurationCodec{.min = 1s, .max = 24h}, &Settings::window),
        key("duration", DurationCodec{.min = 1s, .max = 24h * 365}, &Settings::duration),
    });
}

template <typename Codec, typename Member>
Field<Draft> chain_key(std::string_view name, Codec codec, Member member) {
    return key(name, std::move(codec), &Draft::config, &Config::auth, &AuthSettings::chain, member);
}

}  // namespace

Field<Draft> auth_section() {
    using Settings = auth::Settings;
    return section<Draft>("auth",
                          {
                              key("anonymous", anonymous_codec(), &Draft::config, &Config::auth,
                                  &AuthSettings::anonymous),
                              chain_key("password_file", TextCodec{}, &Settings::password_file),
                              chain_key("users", UsersCodec{}, &Settings::users),
                              chain_key("jwt", jwt_codec(), &Settings::jwt),
                              chain_key("http", http_codec(), &Settings::http),
                              chain_key("lockout", lockout_codec(), &Settings::lockout),
                          });
}

}  // namespace godwit::config
