#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>
#include <system_error>

#include "command_line.hpp"
#include "failure.hpp"
#include "godwit/admin/interface.hpp"
#include "godwit/auth/chain.hpp"
#include "godwit/net/tls_problem.hpp"
#include "godwit/server/server.hpp"
#include "import_command.hpp"
#include "store_command.hpp"

namespace godwit::cli {
namespace {

constexpr auto kDefaultFile = "/etc/godwit/godwit.yaml";

config::Environment environment() {
    config::Environment variables;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos) continue;
        variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
}

config::Sources sources_of(const CommandLine& line) {
    config::Sources sources{.file = line.file, .environment = environment(), .flags = line.flags};
    std::error_code ignored;
    if (!sources.file && std::filesystem::exists(kDefaultFile, ignored)) {
        sources.file = kDefaultFile;
    }
    return sources;
}

// Certificates and keys, which are beside the configuration and as much a part of it. False where a
// listener could not serve with them.
bool certificates_are_in_order(const net::Settings& settings) {
    bool in_order = true;
    for (std::size_t i = 0; i < settings.listeners.size(); ++i) {
        const auto& tls = settings.listeners[i].tls;
        if (!tls) continue;
        for (const net::TlsProblem& problem : net::examine_tls(*tls)) {
            std::cerr << net::to_string(problem, i) << '\n';
            in_order = in_order && problem.weight == net::TlsProblem::Weight::advice;
        }
    }
    return in_order;
}

// What the configuration refers to belongs to it.
int check(const config::Config& config) {
    if (!certificates_are_in_order(config.net)) return kExitUsage;
    try {
        for (const std::string& warning : auth::check_sources(config.auth.chain))
            std::cerr << "warning: " << warning << '\n';
        if (config.admin.bind) admin::check_files(config.admin);
    } catch (const auth::SourceError& error) {
        return fail(error.what(), kExitUsage);
    } catch (const admin::FileError& error) {
        return fail(error.what(), kExitUsage);
    }
    std::cout << config::to_yaml(config) << std::flush;
    if (std::cout) return kExitSuccess;
    return fail("the configuration cannot be written to the standard output");
}

int run(const CommandLine& line) {
    if (line.command == Command::passwd) return passwd(line.passwd);
    if (line.command == Command::ctl) return ctl(line.ctl, sources_of(line));
    if (line.command == Command::import_mosquitto) return import_mosquitto(line.mosquitto_file);
    const auto load = [sources = sources_of(line)] { return config::load(sources); };
    const config::Loaded loaded = load();
    if (const auto* error = std::get_if<config::Error>(&loaded)) {
        std::cerr << error->message << '\n';
        return kExitUsage;
    }
    const auto& config = std::get<config::Config>(loaded);
    switch (line.command) {
        case Command::serve: return server::run(config, load);
        case Command::check: return check(config);
        case Command::passwd:
        case Command::ctl:
        case Command::import_mosquitto: break;  // need none, or not always
        case Command::store_verify: return store_verify(config.node.data_dir);
        case Command::store_repair: return store_repair(config.node.data_dir);
        case Command::store_export: return store_export(config.node.data_dir);
    }
    return kExitFailure;
}

}  // namespace
}  // namespace godwit::cli

int main(int argc, char** argv) {
    using namespace godwit::cli;
    const auto parsed = parse_command_line(argc, argv);
    if (const auto* answered = std::get_if<Answered>(&parsed)) return answered->exit_code;
    return run(std::get<CommandLine>(parsed));
}
