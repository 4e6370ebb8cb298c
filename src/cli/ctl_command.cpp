#include "ctl_command.hpp"

#include <cerrno>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <system_error>

#include "failure.hpp"

namespace godwit::cli {
namespace {

// Where the packaged service keeps its state: systemd tells it so, and nobody tells its operator.
constexpr auto kServiceToken = "/var/lib/godwit/admin.token";

std::string host_of(const admin::Endpoint& endpoint) {
    if (endpoint.host.empty() || endpoint.host == "0.0.0.0" || endpoint.host == "::")
        return "127.0.0.1";
    return endpoint.host.find(':') == std::string::npos ? endpoint.host : "[" + endpoint.host + "]";
}

// What is wrong; empty: nothing.
std::string locate(ctl::Target& target, const admin::Settings& settings) {
    if (!settings.bind) return "admin.bind is empty, so this broker has no HTTP interface";
    if (settings.bind->port == 0) {
        return "admin.bind has port 0: name the one of the line 'godwit ready' with --url";
    }
    target.url = (settings.tls ? "https://" : "http://") + host_of(*settings.bind) + ":" +
                 std::to_string(settings.bind->port);
    if (settings.tls) target.certificate = settings.tls->certificate;
    return {};
}

// The first line. What is wrong; empty: nothing.
std::string read_token(ctl::Target& target, const std::string& path) {
    errno = 0;
    std::ifstream file(path);
    if (!file || !std::getline(file, target.token) || target.token.empty()) {
        const std::string reason =
            errno != 0 ? std::generic_category().message(errno) : "there is no token in it";
        return path + ": the token cannot be read: " + reason +
               (errno == ENOENT ? "; --token-file, --token or GODWIT_TOKEN name another" : "");
    }
    target.token_from = path;
    return {};
}

std::string default_token_file(const admin::Settings& settings) {
    std::error_code ignored;
    const bool exists = std::filesystem::exists(settings.token_file, ignored);
    const bool is_service = !exists && std::filesystem::exists(kServiceToken, ignored);
    return is_service ? kServiceToken : settings.token_file;
}

void take_given(ctl::Target& target, const CtlRequest& request,
                const config::Environment& environment) {
    target.url = request.url;
    while (target.url.ends_with('/'))
        target.url.pop_back();
    const auto variable = environment.find("GODWIT_TOKEN");
    if (!request.token.empty()) {
        target.token = request.token;
        target.token_from = "--token";
    } else if (request.token_file.empty() && variable != environment.end()) {
        target.token = variable->second;
        target.token_from = "GODWIT_TOKEN";
    }
}

bool needs_token(ctl::Task task) {
    return task != ctl::Task::health && task != ctl::Task::cluster;
}

}  // namespace

int ctl(const CtlRequest& request, const config::Sources& sources) {
    ctl::Target target;
    take_given(target, request, sources.environment);
    const bool wants_token = needs_token(request.request.task) && target.token.empty();
    std::string problem;
    if (wants_token && !request.token_file.empty())
        problem = read_token(target, request.token_file);
    if (target.url.empty() || (wants_token && request.token_file.empty())) {
        const config::Loaded loaded = config::load(sources);
        if (const auto* error = std::get_if<config::Error>(&loaded)) {
            std::cerr << error->message << '\n';
            return kExitUsage;
        }
        const admin::Settings& settings = std::get<config::Config>(loaded).admin;
        if (target.url.empty() && problem.empty()) problem = locate(target, settings);
        if (wants_token && request.token_file.empty() && problem.empty())
            problem = read_token(target, default_token_file(settings));
    }
    if (!problem.empty()) return fail("ctl: " + problem);
    return ctl::run(request.request, target, ctl::standard_output(), std::cerr);
}

}  // namespace godwit::cli
