#include "listener.hpp"

#include <unistd.h>

#include <algorithm>

#include "godwit/net/network.hpp"

namespace godwit::net {

namespace {

bool admits_anonymous(Anonymous anonymous, const std::vector<Address>& bound, bool is_unix) {
    if (anonymous != Anonymous::automatic) return anonymous == Anonymous::allow;
    return is_unix || std::all_of(bound.begin(), bound.end(),
                                  [](const Address& address) { return address.is_loopback(); });
}

}  // namespace

Listener::Listener(const ListenerSettings& settings, int backlog, Quota& everybody,
                   std::shared_ptr<Certificates> certificates) {
    try {
        sockets_ = open_listening(settings.bind, backlog, settings.socket_mode);
    } catch (const std::runtime_error& error) {
        throw ListenError("listener '" + settings.name + "' cannot listen on " +
                          to_string(settings.bind) + ": " + error.what());
    }
    const auto* unix_bind = std::get_if<UnixBind>(&settings.bind);
    if (unix_bind != nullptr) unix_path_ = unix_bind->path;
    for (const Descriptor& socket : sockets_)
        bound_.push_back(Address::local(socket.get()));
    door_ = std::make_unique<Door>(
        Door::Sign{.listener = settings.name,
                   .mount_point = settings.mount_point,
                   .unix_path = unix_path_,
                   .anonymous = admits_anonymous(settings.anonymous, bound_, unix_bind != nullptr)},
        settings.max_connections, everybody, std::move(certificates));
}

Listener::~Listener() {
    if (!unix_path_.empty()) unlink(unix_path_.c_str());
}

void Listener::start(std::size_t worker, const std::vector<std::unique_ptr<Worker>>& workers,
                     const Warn& warn) {
    for (Descriptor& socket : sockets_) {
        acceptors_.push_back(
            std::make_unique<Acceptor>(std::move(socket), *door_, worker, workers, warn));
    }
    sockets_.clear();
}

void Listener::close() {
    for (const auto& acceptor : acceptors_)
        acceptor->close();
}

std::vector<std::string> Listener::addresses() const {
    if (!unix_path_.empty()) return {"unix " + unix_path_};
    const std::string transport = door_->certificates() != nullptr ? "tls " : "tcp ";
    std::vector<std::string> texts;
    for (const Address& address : bound_)
        texts.push_back(transport + address.text());
    return texts;
}

}  // namespace godwit::net
