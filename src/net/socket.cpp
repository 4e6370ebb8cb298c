#include "socket.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <system_error>

namespace godwit::net {

namespace {

[[noreturn]] void fail(const char* what, int error) {
    throw std::runtime_error(error == EADDRINUSE || error == EADDRNOTAVAIL || error == EACCES
                                 ? std::generic_category().message(error)
                                 : std::string(what) + ": " +
                                       std::generic_category().message(error));
}

void set_option(int descriptor, int level, int name, int value) {
    if (setsockopt(descriptor, level, name, &value, sizeof value) != 0) fail("setsockopt", errno);
}

Descriptor open_socket(int family) {
    Descriptor socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) fail("socket", errno);
    return socket;
}

// --- TCP

struct AddressListDeleter {
    void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, AddressListDeleter>;

AddressList look_up(const std::string& host) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const int error = getaddrinfo(host.c_str(), nullptr, &hints, &list);
    if (error == EAI_SYSTEM) fail("cannot look up the host", errno);
    if (error != 0) throw std::runtime_error(gai_strerror(error));
    return AddressList(list);
}

Descriptor listen_tcp(const sockaddr* address, socklen_t size, int backlog, bool both_families) {
    Descriptor socket = open_socket(address->sa_family);
    set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    // Accepted sockets inherit it.
    set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
    if (address->sa_family == AF_INET6) {
        set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, both_families ? 0 : 1);
    }
    if (::bind(socket.get(), address, size) != 0) fail("bind", errno);
    if (listen(socket.get(), backlog) != 0) fail("listen", errno);
    return socket;
}

void set_port(sockaddr* address, std::uint16_t port) {
    // The port has the same place in both families.
    reinterpret_cast<sockaddr_in*>(address)->sin_port = htons(port);
}

bool has_ipv6() {
    return Descriptor(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)).get() >= 0;
}

Descriptor listen_everywhere(std::uint16_t port, int backlog) {
    if (has_ipv6()) {
        sockaddr_in6 any{};
        any.sin6_family = AF_INET6;
        any.sin6_port = htons(port);
        return listen_tcp(reinterpret_cast<sockaddr*>(&any), sizeof any, backlog, true);
    }
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_port = htons(port);
    return listen_tcp(reinterpret_cast<sockaddr*>(&any), sizeof any, backlog, false);
}

std::vector<Descriptor> open_tcp(const TcpBind& bind, int backlog) {
    std::vector<Descriptor> sockets;
    if (bind.host.empty()) {
        sockets.push_back(listen_everywhere(bind.port, backlog));
        return sockets;
    }
    const AddressList list = look_up(bind.host);
    std::uint16_t port = bind.port;
    for (addrinfo* entry = list.get(); entry != nullptr; entry = entry->ai_next) {
        set_port(entry->ai_addr, port);
        sockets.push_back(listen_tcp(entry->ai_addr, entry->ai_addrlen, backlog, false));
        port = Address::local(sockets.back().get()).port();
    }
    return sockets;
}

// --- unix sockets

sockaddr_un unix_address(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) fail("path", ENAMETOOLONG);
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

// A socket file outlives its process. It may go if nobody answers at it.
void remove_stale(const std::string& path, const sockaddr_un& address) {
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0) return;
    if (!S_ISSOCK(status.st_mode)) throw std::runtime_error("the file exists and is no socket");
    const Descriptor probe = open_socket(AF_UNIX);
    const int result =
        connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    if (result == 0 || errno != ECONNREFUSED) fail("connect", EADDRINUSE);
    if (unlink(path.c_str()) != 0) fail("unlink", errno);
}

Descriptor open_unix(const UnixBind& bind, int backlog, std::uint32_t mode) {
    const sockaddr_un address = unix_address(bind.path);
    remove_stale(bind.path, address);
    Descriptor socket = open_socket(AF_UNIX);
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        fail("bind", errno);
    }
    // Before listen(), so that nobody connects under other rights.
    if (chmod(bind.path.c_str(), mode) != 0) fail("chmod", errno);
    if (listen(socket.get(), backlog) != 0) fail("listen", errno);
    return socket;
}

}  // namespace

void Descriptor::close() {
    if (value_ >= 0) ::close(std::exchange(value_, -1));
}

Address::Address(const core::IpAddress& ip, std::uint16_t port) {
    storage_.sin6_family = AF_INET6;
    storage_.sin6_port = htons(port);
    std::memcpy(&storage_.sin6_addr, ip.bytes.data(), ip.bytes.size());
}

Address Address::local(int descriptor) {
    Address address;
    socklen_t size = capacity();
    getsockname(descriptor, address.data(), &size);
    return address;
}

std::string Address::text() const {
    std::string text = host();
    if (text.empty() || port() == 0) return text;
    if (text.find(':') != std::string::npos) text = "[" + text + "]";
    return text + ":" + std::to_string(port());
}

std::string Address::host() const {
    char buffer[INET6_ADDRSTRLEN];
    if (storage_.sin6_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage_);
        return inet_ntop(AF_INET, &v4.sin_addr, buffer, sizeof buffer);
    }
    if (storage_.sin6_family != AF_INET6) return {};
    if (IN6_IS_ADDR_V4MAPPED(&storage_.sin6_addr)) {
        return inet_ntop(AF_INET, &storage_.sin6_addr.s6_addr[12], buffer, sizeof buffer);
    }
    return inet_ntop(AF_INET6, &storage_.sin6_addr, buffer, sizeof buffer);
}

bool Address::is_loopback() const {
    if (storage_.sin6_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage_);
        return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
    }
    return storage_.sin6_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&storage_.sin6_addr);
}

std::optional<core::IpAddress> Address::ip() const {
    if (storage_.sin6_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage_);
        std::array<std::uint8_t, 4> bytes;
        std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
        return core::IpAddress::v4(bytes);
    }
    if (storage_.sin6_family != AF_INET6) return std::nullopt;
    core::IpAddress ip;
    std::memcpy(ip.bytes.data(), &storage_.sin6_addr, ip.bytes.size());
    return ip;
}

std::uint16_t Address::port() const {
    const bool inet = storage_.sin6_family == AF_INET || storage_.sin6_family == AF_INET6;
    return inet ? ntohs(storage_.sin6_port) : std::uint16_t{0};
}

std::vector<Descriptor> open_listening(const Bind& bind, int backlog, std::uint32_t unix_mode) {
    if (const auto* tcp = std::get_if<TcpBind>(&bind)) return open_tcp(*tcp, backlog);
    std::vector<Descriptor> sockets;
    sockets.push_back(open_unix(std::get<UnixBind>(bind), backlog, unix_mode));
    return sockets;
}

}  // namespace godwit::net
