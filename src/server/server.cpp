#include "godwit/server/server.hpp"

#include <systemd/sd-daemon.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admin_node.hpp"
#include "broker.hpp"
#include "godwit/admin/interface.hpp"
#include "godwit/server/log.hpp"
#include "reload.hpp"
#include "signals.hpp"
#include "watchdog.hpp"

namespace godwit::server {

namespace {

// As for a configuration that cannot be read, which what it refers to belongs to.
constexpr int kExitConfiguration = 2;
// How long a stop may take for wills and other answers, and then for the last bytes of connections.
constexpr std::chrono::seconds kSettleMax{1};
constexpr std::chrono::seconds kCloseMax{1};
constexpr std::chrono::milliseconds kStopPoll{5};
// How often a broker that starts is asked whether it has placed what the last one left.
constexpr std::chrono::milliseconds kStartPoll{1};
// What a death and a reboot take from the broker's clock at most.
constexpr std::chrono::minutes kSaveClockInterval{1};

void warn(const config::Config& config, const Broker& broker, Log& log) {
    if (!config.persistence.enabled) {
        log.warning(
            "persistence is off: sessions, queues and retained messages live in memory only");
    }
    if (auth::names_users(config.acl) && !config.auth.chain.configured()) {
        log.warning("acl: rules name users, and nobody checks who clients say they are");
    }
    for (const std::string& name : broker.refusing_everybody()) {
        log.warning("listener '" + name +
                    "' lets nobody in: other machines can reach it, and there are no users. To let "
                    "everybody in: GODWIT_AUTH__ANONYMOUS=allow");
    }
}

// What systemd wants to hear of a reload, for services with Type=notify-reload.
void notify_reloading() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", static_cast<long long>(us));
}

std::unique_ptr<admin::Interface> open_admin(const config::Config& config, AdminNode& node) {
    if (!config.admin.bind) return nullptr;
    return std::make_unique<admin::Interface>(config.admin, node);
}

std::string description(const Broker& broker, const admin::Interface* interface) {
    std::string text = broker.description();
    if (interface == nullptr) return text;
    for (const std::string& address : interface->addresses())
        text += "; admin " + address;
    return text;
}

// The token and the certificate may have changed on the disk. What is wrong with them, or nothing.
std::string reload_admin(admin::Interface* interface, Log& log) {
    if (interface == nullptr) return "";
    try {
        interface->reload();
    } catch (const admin::InterfaceError& error) {
        log.error("admin interface not reloaded, what was in force stays",
                  {{"error", Quoted{error.what()}}});
        return error.what();
    }
    return "";
}

// Whoever asked for it before it began is told the outcome.
void reload_for_all(Broker& broker, AdminNode& node, admin::Interface* interface, Log& log,
                    const config::Loaded& loaded,
                    const std::vector<admin::Then<std::string>>& asked) {
    std::string problem = reload(broker, log, loaded);
    if (problem.empty()) problem = reload_admin(interface, log);
    node.refresh();
    for (const admin::Then<std::string>& then : asked)
        then(problem);
}

void serve_until_stopped(Broker& broker, AdminNode& node, admin::Interface* interface, Log& log,
                         const std::function<config::Loaded()>& load_again) {
    const Watchdog watchdog;
    const auto wait_max =
        std::min<std::chrono::milliseconds>(kSaveClockInterval, watchdog.interval());
    auto save_clock_at = std::chrono::steady_clock::now() + kSaveClockInterval;
    for (;;) {
        const std::optional<Signal> signal = next_signal(wait_max);
        if (signal == Signal::stop) return;
        if (signal == Signal::reload) {
            notify_reloading();
            const auto asked = node.take_reloads();
            reload_for_all(broker, node, interface, log, load_again(), asked);
            sd_notify(0, "READY=1");
        }
        if (broker.loops_turn()) watchdog.reset();
        if (const auto now = std::chrono::steady_clock::now(); now >= save_clock_at) {
            broker.save_clock();
            save_clock_at = now + kSaveClockInterval;
        }
    }
}

// False when a further signal cuts the stop short.
template <typename Done>
bool wait_until(Done done, std::chrono::seconds at_most) {
    const auto deadline = std::chrono::steady_clock::now() + at_most;
    while (!done() && std::chrono::steady_clock::now() < deadline) {
        if (next_signal(kStopPoll) == Signal::stop) return false;
    }
    return true;
}

void stop(Broker& broker) {
    broker.stop();
    if (!wait_until([&] { return broker.settled(); }, kSettleMax)) return;
    broker.close_all();
    wait_until([&] { return broker.at_rest(); }, kCloseMax);
}

}  // namespace

int run(const config::Config& config, const std::function<config::Loaded()>& load_again) {
    hold_signals();
    try {
        Log log(config.log);
        Broker broker(config, log);
        AdminNode node(broker, log);
        // It serves while the broker starts and stops, and says so.
        const auto interface = open_admin(config, node);
        warn(config, broker, log);
        broker.start();
        while (!broker.restored()) {
            if (next_signal(kStartPoll) == Signal::stop) return 0;
        }
        broker.accept();
        node.enter(AdminNode::Phase::serving);
        log.info("godwit ready: " + description(broker, interface.get()));
        sd_notify(0, "READY=1");

        serve_until_stopped(broker, node, interface.get(), log, load_again);
        sd_notify(0, "STOPPING=1");
        log.info("godwit stops");
        node.enter(AdminNode::Phase::stopping);
        stop(broker);
        broker.save_clock();
    } catch (const auth::SourceError& error) {
        std::fprintf(stderr, "godwit: %s\n", error.what());
        return kExitConfiguration;
    } catch (const admin::FileError& error) {
        std::fprintf(stderr, "godwit: %s\n", error.what());
        return kExitConfiguration;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "godwit: %s\n", error.what());
        return 1;
    }
    return 0;
}

}  // namespace godwit::server
