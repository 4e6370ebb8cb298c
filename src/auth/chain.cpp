#include "godwit/auth/chain.hpp"

#include <algorithm>
#include <utility>

#include "commons.hpp"
#include "hook_cache.hpp"
#include "jwt.hpp"
#include "users.hpp"
#include "warrants.hpp"

namespace godwit::auth {
namespace {

using core::Credentials;
using core::Refusal;
using core::Verdict;
using MaybeVerdict = std::optional<Verdict>;

// A dead hook fails for every client; one line in so long tells of it.
constexpr std::chrono::seconds kWarnInterval{10};

Refusal not_authorized(std::string_view why) {
    return {mqtt::ConnackCode::not_authorized, core::CloseReason::not_authorized, why};
}

Refusal bad_credentials(std::string_view why) {
    return {mqtt::ConnackCode::bad_user_name_or_password, core::CloseReason::bad_credentials, why};
}

Refusal unavailable(std::string_view why) {
    return {mqtt::ConnackCode::server_unavailable, core::CloseReason::server_unavailable, why};
}

Refusal locked_out() {
    return {mqtt::ConnackCode::not_authorized, core::CloseReason::locked_out,
            "too many failures lately"};
}

}  // namespace

class Chain::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(const Settings& settings, Commons::Parts& commons, std::vector<std::string>& warnings)
        : settings_(settings),
          commons_(commons),
          warrants_(commons.keyed_hash),
          users_(settings, commons.keyed_hash, warnings) {
        if (settings.jwt.configured()) jwt_.emplace(settings.jwt, warnings);
    }

    MaybeVerdict authenticate(Credentials credentials, Answer answer);
    [[nodiscard]] bool vouches_for(const core::Identity& identity) const;

private:
    // A question that takes time, and who waits for its answer.
    struct Pending {
        Credentials credentials;
        Answer answer;
    };

    [[nodiscard]] Verdict admit_stranger(const Credentials& credentials) const;
    MaybeVerdict check_password(const Users::User& user, Pending pending);
    MaybeVerdict check_token(const Credentials& credentials);
    MaybeVerdict ask_hook(Pending pending);
    void on_reply(Pending pending, const Digest& question,
                  const std::variant<HookAnswer, Hook::Failure>& reply);
    MaybeVerdict obey(const HookAnswer& hook_answer, Pending pending);
    MaybeVerdict refuse_unknown(Pending pending);

    MaybeVerdict hash(Pending pending, std::function<Verdict(const Credentials&)> check);
    [[nodiscard]] Verdict compare(const Users::User& user, const Credentials& credentials);
    [[nodiscard]] Verdict compare_in_vain(const Credentials& credentials);

    [[nodiscard]] core::Identity identity_of(const std::string& user_name, Ground ground,
                                             std::string_view detail) const {
        return {user_name, false, warrants_.issue(ground, user_name, detail)};
    }
    [[nodiscard]] Verdict welcome(const Users::User& user, const Credentials& credentials);
    [[nodiscard]] Verdict allow(const Credentials& credentials, core::Identity identity);
    [[nodiscard]] Verdict deny(const Credentials& credentials, std::string_view why);
    [[nodiscard]] bool is_locked_out(const Credentials& credentials) const;
    void warn_of_hook(const std::string& why);

    static Failures::Who who(const Credentials& credentials) {
        return {*credentials.user_name, credentials.host};
    }

    const Settings settings_;
    Commons::Parts& commons_;
    const Warrants warrants_;
    Users users_;
    std::optional<const Jwt> jwt_;
    HookCache hook_answers_;
    core::Mutex mutex_;
    core::SteadyTime next_warning_ GODWIT_GUARDED_BY(mutex_){};
};

// --- The order of the chain --------------------------------------------------------------------

MaybeVerdict Chain::Impl::authenticate(Credentials credentials, Answer answer) {
    if (credentials.certified_name) {
        return identity_of(*credentials.certified_name, Ground::certificate, "");
    }
    if (!credentials.user_name || !settings_.configured()) return admit_stranger(credentials);
    if (is_locked_out(credentials)) return locked_out();
    if (const Users::User* user = users_.find(*credentials.user_name)) {
        return check_password(*user, {std::move(credentials), std::move(answer)});
    }
    if (auto verdict = check_token(credentials)) return verdict;
    Pending pending{std::move(credentials), std::move(answer)};
    if (!settings_.http.url.empty()) return ask_hook(std::move(pending));
    const bool only_tokens = settings_.password_file.empty() && settings_.users.empty();
    if (only_tokens || !pending.credentials.password) {
        return bad_credentials(only_tokens ? "no token" : "no password");
    }
    return refuse_unknown(std::move(pending));
}

Verdict Chain::Impl::admit_stranger(const Credentials& credentials) const {
    if (!credentials.anonymous) return not_authorized("the listener admits no anonymous clients");
    return core::Identity{credentials.user_name};
}

MaybeVerdict Chain::Impl::check_password(const Users::User& user, Pending pending) {
    const Credentials& credentials = pending.credentials;
    if (!credentials.password) return bad_credentials("no password");
    if (users_.is_proved(user, *credentials.password)) return welcome(user, credentials);
    return hash(std::move(pending),
                [this, &user](const Credentials& theirs) { return compare(user, theirs); });
}

MaybeVerdict Chain::Impl::check_token(const Credentials& credentials) {
    if (!jwt_) return std::nullopt;
    const bool from_password = jwt_->from() == JwtSettings::From::password;
    if (from_password && !credentials.password) return std::nullopt;
    auto outcome =
        jwt_->examine(from_password ? *credentials.password : *credentials.user_name,
                      *credentials.user_name, credentials.client_id, commons_.clock().wall);
    if (const auto* refused = std::get_if<Jwt::Refused>(&outcome)) {
        return deny(credentials, refused->why);
    }
    const auto* bearer = std::get_if<Jwt::Bearer>(&outcome);
    if (bearer == nullptr) return std::nullopt;
    return allow(credentials, identity_of(bearer->user_name, Ground::token, jwt_->key().content()));
}

MaybeVerdict Chain::Impl::ask_hook(Pending pending) {
    auto question = hook_question(pending.credentials);
    if (!question) return bad_credentials("the password is no UTF-8 text or is too long");
    const Digest digest = commons_.keyed_hash({"question", *question});
    if (const auto known = hook_answers_.find(digest, commons_.clock().steady)) {
        return obey(*known, std::move(pending));
    }
    const bool taken =
        commons_.hook->ask(settings_.http, *std::move(question),
                           [self = shared_from_this(), pending = std::move(pending),
                            digest](const auto& reply) { self->on_reply(pending, digest, reply); });
    if (!taken) return unavailable("too many wait for the answer of auth.http");
    return std::nullopt;
}

// --- What takes time ---------------------------------------------------------------------------

void Chain::Impl::on_reply(Pending pending, const Digest& question,
                           const std::variant<HookAnswer, Hook::Failure>& reply) {
    if (const auto* failure = std::get_if<Hook::Failure>(&reply)) {
        warn_of_hook(failure->why);
        return pending.answer(unavailable("auth.http does not answer"));
    }
    const auto& hook_answer = std::get<HookAnswer>(reply);
    if (settings_.http.cache.count() != 0) {
        hook_answers_.keep(question, hook_answer, commons_.clock().steady + settings_.http.cache);
    }
    const Answer answer = pending.answer;
    if (auto verdict = obey(hook_answer, std::move(pending))) answer(*std::move(verdict));
}

MaybeVerdict Chain::Impl::obey(const HookAnswer& hook_answer, Pending pending) {
    const Credentials& credentials = pending.credentials;
    switch (hook_answer.result) {
        case HookAnswer::Result::deny: return deny(credentials, "auth.http denies");
        case HookAnswer::Result::ignore: return refuse_unknown(std::move(pending));
        case HookAnswer::Result::allow: break;
    }
    core::Identity identity = identity_of(*credentials.user_name, Ground::hook, settings_.http.url);
    identity.superuser = hook_answer.superuser;
    return allow(credentials, std::move(identity));
}

MaybeVerdict Chain::Impl::refuse_unknown(Pending pending) {
    if (users_.empty() || !pending.credentials.password) {
        return deny(pending.credentials, "nobody knows the user");
    }
    return hash(std::move(pending),
                [this](const Credentials& theirs) { return compare_in_vain(theirs); });
}

MaybeVerdict Chain::Impl::hash(Pending pending, std::function<Verdict(const Credentials&)> check) {
    const bool taken = commons_.hashing.submit(
        [self = shared_from_this(), pending = std::move(pending), check = std::move(check)] {
            // Guesses that came all at once are counted one by one.
            pending.answer(self->is_locked_out(pending.credentials) ? locked_out()
                                                                    : check(pending.credentials));
        });
    if (!taken) return unavailable("too many passwords wait to be checked");
    return std::nullopt;
}

Verdict Chain::Impl::compare(const Users::User& user, const Credentials& credentials) {
    if (!users_.is_proved(user, *credentials.password)) {
        switch (user.hash.verify(*credentials.password)) {
            case PasswordHash::Match::wrong: return deny(credentials, "wrong password");
            case PasswordHash::Match::unknown: return unavailable("no memory to check a password");
            case PasswordHash::Match::right: users_.prove(user, *credentials.password); break;
        }
    }
    return welcome(user, credentials);
}

Verdict Chain::Impl::compare_in_vain(const Credentials& credentials) {
    const auto& user = users_.stand_in(*credentials.user_name);
    if (user.hash.verify(*credentials.password) == PasswordHash::Match::unknown) {
        return unavailable("no memory to check a password");
    }
    return deny(credentials, "nobody knows the user");
}

// --- Outcomes ----------------------------------------------------------------------------------

Verdict Chain::Impl::welcome(const Users::User& user, const Credentials& credentials) {
    return allow(credentials, identity_of(user.user_name, Ground::password, user.hash.text()));
}

Verdict Chain::Impl::allow(const Credentials& credentials, core::Identity identity) {
    commons_.failures.forgive(settings_.lockout, who(credentials));
    return identity;
}

Verdict Chain::Impl::deny(const Credentials& credentials, std::string_view why) {
    commons_.failures.add(settings_.lockout, who(credentials), commons_.clock().steady);
    return not_authorized(why);
}

bool Chain::Impl::is_locked_out(const Credentials& credentials) const {
    return commons_.failures.locked_out(settings_.lockout, who(credentials),
                                        commons_.clock().steady);
}

void Chain::Impl::warn_of_hook(const std::string& why) {
    const core::SteadyTime now = commons_.clock().steady;
    {
        const core::MutexLock lock(mutex_);
        if (now < next_warning_) return;
        next_warning_ = now + kWarnInterval;
    }
    commons_.warn("auth.http: " + settings_.http.url + ": " + why + "; clients are refused");
}

bool Chain::Impl::vouches_for(const core::Identity& identity) const {
    // Whether its listener admits strangers still is the listener's affair.
    if (!identity.user_name) return identity.warrant == 0;
    if (identity.warrant == 0) return !settings_.configured();
    const std::string& name = *identity.user_name;
    const auto is_by = [&](Ground ground, std::string_view detail) {
        return identity.warrant == warrants_.issue(ground, name, detail);
    };
    if (is_by(Ground::certificate, "")) return true;
    if (const Users::User* user = users_.find(name)) {
        return is_by(Ground::password, user->hash.text());
    }
    return (jwt_ && is_by(Ground::token, jwt_->key().content())) ||
           (!settings_.http.url.empty() && is_by(Ground::hook, settings_.http.url));
}

// --- The chain as others see it ----------------------------------------------------------------

Chain::Chain(const Settings& settings, Commons& commons) {
    std::vector<std::string> warnings;
    impl_ = std::make_shared<Impl>(settings, commons.parts(), warnings);
    for (const std::string& warning : warnings)
        commons.parts().warn(warning);
}

Chain::~Chain() = default;

MaybeVerdict Chain::authenticate(Credentials credentials, Answer answer) {
    return impl_->authenticate(std::move(credentials), std::move(answer));
}

bool Chain::vouches_for(const core::Identity& identity) const {
    return impl_->vouches_for(identity);
}

std::vector<std::string> check_sources(const Settings& settings) {
    std::vector<std::string> warnings;
    const KeyedHash keyed_hash;
    const Users users(settings, keyed_hash, warnings);
    if (settings.jwt.configured()) {
        const Jwt jwt(settings.jwt, warnings);
    }
    return warnings;
}

}  // namespace godwit::auth
