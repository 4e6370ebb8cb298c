// godwit-tls-floor: the user memory that an idle TLS connection costs with nothing but OpenSSL, as
// a measure for brokers.
//
// A server process accepts connections of another process on a loopback address and keeps for each
// a bare SSL object of TLS 1.3 with SSL_MODE_RELEASE_BUFFERS. Each has done its handshake, sent one
// stateless session ticket, read one packet and written one, as a broker's idle connection has:
// CONNECT and CONNACK. What the server's resident memory has grown by then is divided by the
// connections; so is what its allocator has handed out. The memory of the kernel, of the client,
// and of anything a broker keeps besides is not in it.
#include <malloc.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "descriptor_limit.hpp"
#include "failure.hpp"
#include "process_stats.hpp"
#include "report.hpp"

namespace godwit::bench {
namespace {

constexpr timeval kPatience = {.tv_sec = 10, .tv_usec = 0};  // With clients that do not come.
constexpr std::size_t kConnectBytes = 30;
constexpr std::size_t kConnackBytes = 4;
using Packet = std::array<char, kConnectBytes>;

void require(bool held, const char* step) {
    if (!held) fail(ExitCode::setup, std::string(step) + " failed");
}

const sockaddr* generic(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

int listening_socket(sockaddr_in& address) {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    require(bind(listener, generic(address), length) == 0 && listen(listener, 64) == 0 &&
                getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) == 0,
            "listening");
    return listener;
}

SSL_CTX* server_context(const char* certificate, const char* private_key) {
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 1);
    require(SSL_CTX_use_certificate_chain_file(context, certificate) == 1 &&
                SSL_CTX_use_PrivateKey_file(context, private_key, SSL_FILETYPE_PEM) == 1,
            "reading the certificate and its key");
    return context;
}

// Both sides end with one packet each way. Sockets block, so one connection is made after the
// other.
void serve(SSL_CTX* context, int listener) {
    SSL* ssl = SSL_new(context);
    SSL_set_fd(ssl, accept(listener, nullptr, nullptr));
    Packet packet{};
    require(SSL_accept(ssl) == 1 && SSL_read(ssl, packet.data(), kConnectBytes) == kConnectBytes &&
                SSL_write(ssl, packet.data(), kConnackBytes) == kConnackBytes,
            "serving a connection");
}

void connect_client(SSL_CTX* context, const sockaddr_in& server) {
    const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    require(connect(descriptor, generic(server), sizeof server) == 0, "connecting");
    SSL* ssl = SSL_new(context);
    SSL_set_fd(ssl, descriptor);
    Packet packet{};
    require(SSL_connect(ssl) == 1 &&
                SSL_write(ssl, packet.data(), kConnectBytes) == kConnectBytes &&
                SSL_read(ssl, packet.data(), kConnackBytes) == kConnackBytes,
            "a client's connection");
}

// Holds its connections until the server is gone. `lifeline` is then at its end.
[[noreturn]] void be_clients(const sockaddr_in& server, int connections, int lifeline) {
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    for (int i = 0; i < connections; ++i)
        connect_client(context, server);
    char none = 0;
    [[maybe_unused]] const ssize_t end = read(lifeline, &none, 1);
    std::_Exit(0);
}

void measure(SSL_CTX* context, int listener, int connections) {
    serve(context, listener);  // What the first one brings to life is not the others' cost.
    const ProcessStats self(getpid());
    const Usage before = self.read();
    const std::size_t heap_before = mallinfo2().uordblks;
    for (int i = 0; i < connections; ++i)
        serve(context, listener);
    const auto rss_kib = static_cast<double>(self.read().broker_rss_kib - before.broker_rss_kib);
    const auto heap = static_cast<double>(mallinfo2().uordblks - heap_before);
    Report report;
    report.add_text("openssl", OpenSSL_version(OPENSSL_VERSION_STRING));
    report.add_count("conns", static_cast<std::uint64_t>(connections));
    report.add_figure("rss_bytes_per_conn", rss_kib * 1024 / connections, 1);
    report.add_figure("heap_bytes_per_conn", heap / connections, 1);
    std::puts(report.line().c_str());
    std::fflush(stdout);
}

void run(const char* certificate, const char* private_key, int connections) {
    raise_descriptor_limit();
    SSL_CTX* context = server_context(certificate, private_key);
    sockaddr_in address{};
    const int listener = listening_socket(address);
    std::array<int, 2> lifeline{};
    require(pipe(lifeline.data()) == 0, "a pipe");
    const pid_t clients = fork();
    require(clients >= 0, "fork");
    if (clients == 0) {
        close(lifeline[1]);
        close(listener);
        be_clients(address, connections + 1, lifeline[0]);
    }
    measure(context, listener, connections);
    std::_Exit(0);
}

}  // namespace
}  // namespace godwit::bench

int main(int argc, char** argv) {
    const int connections = argc == 4 ? std::atoi(argv[3]) : 9000;
    if (argc < 3 || argc > 4 || connections < 1) {
        std::fputs("usage: godwit-tls-floor CERTIFICATE PRIVATE_KEY [CONNECTIONS]\n", stderr);
        return 2;
    }
    godwit::bench::run(argv[1], argv[2], connections);
}
