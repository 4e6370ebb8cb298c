#include "listener.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace godwit::net {

namespace {

bool admits_anonymous(Anonymous anonymous, const std::vector<Address>& bound, bool is_unix) {
    if (anonymous != Anonymous::automatic) return anonymous == Anonymous::allow;
    return is_unix || std::all_of(bound.begin(), bound.end(),
                                  [](const Address& address) { return address.is_loopback(); });
}

std::string transport_text(const Sign& sign) {
    const bool has_tls = sign.certificates != nullptr;
    if (!sign.web_socket_path.empty()) return has_tls ? "wss" : "ws";
    return has_tls ? "tls" : "tcp";
}

}  // namespace

Listener::Listener(const ListenerSettings& settings,
                   std::shared_ptr<const Certificates> certificates, int backlog,
                   Admission& admission)
    : bind_(settings.bind) {
    open(backlog, settings.socket_mode, settings.name);
    if (const auto* unix_bind = std::get_if<UnixBind>(&bind_)) unix_path_ = unix_bind->path;
    unix_file_ = !unix_path_.empty();
    for (const Descriptor& socket : sockets_)
        bound_.push_back(Address::local(socket.get()));
    door_ = std::make_unique<Door>(sign(settings, std::move(certificates)),
                                   settings.max_connections, admission);
}

void Listener::open(int backlog, std::uint32_t socket_mode, const std::string& name) {
    try {
        sockets_ = open_listening(bind_, backlog, socket_mode);
    } catch (const std::runtime_error& error) {
        throw ListenError("listener '" + name + "' cannot listen on " + to_string(bind_) + ": " +
                          error.what());
    }
}

void Listener::reopen(int backlog) {
    open(backlog, 0, door_->sign()->listener);
}

Listener::~Listener() {
    if (unix_file_) unlink(unix_path_.c_str());
}

Sign Listener::sign(const ListenerSettings& settings,
                    std::shared_ptr<const Certificates> certificates) const {
    return {.listener = settings.name,
            .mount_point = settings.mount_point,
            .unix_path = unix_path_,
            .anonymous = admits_anonymous(settings.anonymous, bound_, !unix_path_.empty()),
            .web_socket_path = settings.transport == Transport::websocket ? settings.path : "",
            .proxy_protocol = settings.proxy_protocol,
            .trusted_proxies = settings.trusted_proxies,
            .certificates = std::move(certificates)};
}

void Listener::change(const ListenerSettings& settings,
                      std::shared_ptr<const Certificates> certificates) {
    door_->change(sign(settings, std::move(certificates)), settings.max_connections);
    if (unix_file_) (void)chmod(unix_path_.c_str(), settings.socket_mode);
}

void Listener::start(std::size_t worker, const std::vector<std::unique_ptr<Worker>>& workers,
                     const Warn& warn) {
    acceptors_.clear();
    for (Descriptor& socket : sockets_) {
        acceptors_.push_back(
            std::make_unique<Acceptor>(std::move(socket), *door_, worker, workers, warn));
    }
    sockets_.clear();
}

void Listener::set_backlog(int backlog) {
    for (const auto& acceptor : acceptors_)
        acceptor->set_backlog(backlog);
}

void Listener::close() {
    for (const auto& acceptor : acceptors_)
        acceptor->close();
    if (std::exchange(unix_file_, false)) unlink(unix_path_.c_str());
}

std::vector<std::string> Listener::addresses() const {
    const std::string transport = transport_text(*door_->sign());
    if (!unix_path_.empty())
        return {(transport == "tcp" ? "unix " : transport + " unix:") + unix_path_};
    std::vector<std::string> texts;
    for (const Address& address : bound_)
        texts.push_back(transport + " " + address.text());
    return texts;
}

std::vector<OpenListener> Listener::described() const {
    const auto sign = door_->sign();
    OpenListener one{
        .name = sign->listener,
        .address = "unix:" + unix_path_,
        .transport = sign->web_socket_path.empty() ? Transport::tcp : Transport::websocket,
        .tls = sign->certificates != nullptr};
    if (!unix_path_.empty()) return {one};
    std::vector<OpenListener> all;
    for (const Address& address : bound_) {
        one.address = address.text();
        all.push_back(one);
    }
    return all;
}

}  // namespace godwit::net
