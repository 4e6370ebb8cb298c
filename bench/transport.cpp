#include "transport.hpp"

#include <utility>

#include "failure.hpp"
#include "websocket_channel.hpp"

namespace godwit::bench {
namespace {

void check_options(const Options& options) {
    const auto only_with = [&](std::string_view name, bool given, std::string_view needed) {
        if (!given || options.flag(needed)) return;
        fail(ExitCode::usage,
             "--" + std::string(name) + " is of use only with --" + std::string(needed));
    };
    for (const std::string_view name : {"ca", "cert", "key", "tls-version"})
        only_with(name, !options.text(name).empty(), "tls");
    only_with("resume", options.flag("resume"), "tls");
    if (!options.text("path").starts_with('/')) {
        fail(ExitCode::usage, "--path: it begins with '/'");
    }
}

TlsSettings tls_settings(const Options& options) {
    return {
        .ca = options.text("ca"),
        .certificate = options.text("cert"),
        .private_key = options.text("key"),
        .version = options.text("tls-version"),
        .host = options.text("host"),
        .resumes = options.flag("resume"),
    };
}

}  // namespace

Transport::Transport(const Options& options)
    : websocket_(options.flag("websocket")), path_(options.text("path")) {
    check_options(options);
    if (options.flag("tls")) tls_ = std::make_unique<TlsClient>(tls_settings(options));
}

std::unique_ptr<Channel> Transport::make_channel() const {
    std::unique_ptr<Channel> channel;
    if (tls_) channel = std::make_unique<TlsChannel>(*tls_);
    if (!websocket_) return channel;
    if (!channel) channel = std::make_unique<SocketChannel>();
    return std::make_unique<WebSocketChannel>(std::move(channel), path_);
}

std::string_view Transport::name() const {
    if (websocket_) return tls_ ? "wss" : "websocket";
    return tls_ ? "tls" : "tcp";
}

}  // namespace godwit::bench
