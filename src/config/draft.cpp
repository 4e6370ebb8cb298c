#include "draft.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <string_view>
#include <utility>

namespace godwit::config {
namespace {

// Each stands for 'no limit', being more than the protocol can carry.
constexpr std::size_t kLengthMax = 65'535;
constexpr std::size_t kLevelsMax = 65'536;

std::string_view variable(const Environment& environment, std::string_view name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string_view{} : found->second;
}

std::string home_dir(const Environment& environment) {
    if (const auto home = variable(environment, "HOME"); !home.empty()) return std::string(home);
    const passwd* user = getpwuid(getuid());
    return user != nullptr ? user->pw_dir : "/";
}

// What systemd made for the service comes before what belongs to the user.
std::string default_data_dir(const Environment& environment) {
    // systemd lists several with colons between them.
    const auto state = variable(environment, "STATE_DIRECTORY");
    if (!state.empty()) return std::string(state.substr(0, state.find(':')));
    // A relative path is to be ignored, says the XDG specification.
    const auto xdg = variable(environment, "XDG_STATE_HOME");
    if (xdg.starts_with('/')) return std::string(xdg) + "/godwit";
    return home_dir(environment) + "/.local/state/godwit";
}

std::string host_name() {
    std::array<char, 256> name{};
    return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

void settle_node(NodeSettings& node, const Environment& environment) {
    if (node.name.empty()) node.name = host_name();
    if (node.data_dir.empty()) node.data_dir = default_data_dir(environment);
}

// Beside the data, where nobody but the daemon's user looks.
void settle_admin(admin::Settings& admin, const NodeSettings& node) {
    if (admin.token_file.empty()) admin.token_file = node.data_dir + "/admin.token";
}

void settle_limits(core::Settings& core) {
    const auto settle = [](std::size_t& limit, std::size_t none) {
        if (limit == 0) limit = none;
    };
    settle(core.mqtt.max_topic_length, kLengthMax);
    settle(core.mqtt.max_topic_levels, kLevelsMax);
    settle(core.mqtt.max_client_id_length, kLengthMax);
    settle(core.session.max_inflight, kLengthMax);
    settle(core.session.max_awaiting_rel, kLengthMax);
}

net::ListenerSettings settle_listener(ListenerDraft draft, const AuthSettings& auth) {
    net::ListenerSettings settings = std::move(draft.settings);
    if (settings.name.empty()) settings.name = net::to_string(settings.bind);
    settings.anonymous = draft.anonymous.value_or(auth.anonymous);
    // Who names users means that strangers stay out.
    if (settings.anonymous == net::Anonymous::automatic && auth.chain.configured()) {
        settings.anonymous = net::Anonymous::deny;
    }
    return settings;
}

}  // namespace

Draft to_draft(const Config& config) {
    Draft draft{.config = config, .listeners = {}};
    for (const auto& settings : config.net.listeners) {
        draft.listeners.push_back({.settings = settings, .anonymous = settings.anonymous});
    }
    return draft;
}

Config settle(Draft draft, const Environment& environment) {
    Config config = std::move(draft.config);
    settle_node(config.node, environment);
    settle_admin(config.admin, config.node);
    settle_limits(config.core);
    config.net.listeners.clear();
    for (ListenerDraft& listener : draft.listeners) {
        config.net.listeners.push_back(settle_listener(std::move(listener), config.auth));
    }
    return config;
}

}  // namespace godwit::config
