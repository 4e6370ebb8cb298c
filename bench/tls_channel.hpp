// TLS on the client's side, by OpenSSL on a non-blocking socket.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "channel.hpp"

namespace godwit::bench {

struct TlsSettings {
    std::string ca;           // PEM files; without `ca` any certificate will do.
    std::string certificate;  // Of the client, when given.
    std::string private_key;
    std::string version;   // "1.2" or "1.3"; empty: what the peers agree on.
    std::string host;      // The address that the broker's certificate must name.
    bool resumes = false;  // A channel opened again resumes its session.
};

// What all TLS connections of a run share. Channels on any loop use it.
class TlsClient {
public:
    // Files that cannot be used end the program with ExitCode::usage.
    explicit TlsClient(const TlsSettings& settings);
    TlsClient(const TlsClient&) = delete;
    TlsClient& operator=(const TlsClient&) = delete;
    ~TlsClient();

    // For a channel: an object in the client's role, and what it tells when the handshake is done.
    SSL* new_connection() const { return SSL_new(context_); }
    void count_handshake(SSL* ssl);

    std::uint64_t handshakes() const { return handshakes_; }
    std::uint64_t resumed() const { return resumed_; }
    const char* version() const { return version_; }  // Of the last handshake, as "TLSv1.3".
    const char* cipher() const { return cipher_; }

private:
    void require_broker(const TlsSettings& settings);
    void use_certificate(const TlsSettings& settings);
    void keep_sessions();

    SSL_CTX* context_;
    std::atomic<std::uint64_t> handshakes_ = 0;
    std::atomic<std::uint64_t> resumed_ = 0;
    std::atomic<const char*> version_ = "";
    std::atomic<const char*> cipher_ = "";
};

class TlsChannel final : public Channel {
public:
    explicit TlsChannel(TlsClient& client) : client_(client) {}
    ~TlsChannel() override;

    // A handshake that the broker or the check of its certificate refuses ends the program with
    // ExitCode::setup.
    void open(int descriptor) override;
    void close() override;
    void end() override;
    bool ready() const override { return ready_; }
    ssize_t receive(std::span<std::uint8_t> room) override;
    ssize_t send(std::span<const std::uint8_t> bytes) override;

    // Takes over the newest session, to resume when it is opened again.
    void keep(SSL_SESSION* session);

private:
    bool shake_hands();
    ssize_t fault(int result);

    TlsClient& client_;
    SSL* ssl_ = nullptr;
    SSL_SESSION* session_ = nullptr;  // Only where the client resumes.
    bool ready_ = false;
};

}  // namespace godwit::bench
