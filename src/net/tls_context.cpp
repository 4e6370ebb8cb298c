#include "tls_context.hpp"

#include <openssl/x509v3.h>

#include <algorithm>
#include <new>

#include "certified_name.hpp"
#include "tls_psk.hpp"

namespace godwit::net {

namespace {

// Bytes of the certificates that a client may send.
constexpr long kClientChainMax = 32 * 1024;

// Settings that another value of would not help anybody.
void set_rules(SSL_CTX* context, const TlsSettings& settings) {
    const bool only_1_3 = settings.min_version == TlsSettings::Version::tls_1_3;
    SSL_CTX_set_min_proto_version(context, only_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
    // An MQTT client says with DISCONNECT that nothing was cut off, so many leave without a
    // close_notify.
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
    // An idle connection owns no buffer; what is written may have moved when it is tried again.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // One system call brings as many records as there are, instead of two a record.
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_dh_auto(context, 1);
    SSL_CTX_set_max_cert_list(context, kClientChainMax);
    // Sessions are resumed by tickets, so the broker keeps none.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 1);
    constexpr unsigned char kName[] = {'g', 'o', 'd', 'w', 'i', 't'};
    SSL_CTX_set_session_id_context(context, kName, sizeof kName);
}

TlsProblem broken(std::string key, const std::string& file, std::string_view what) {
    return {TlsProblem::Weight::broken, std::move(key), file, std::string(what)};
}

struct StackFree {
    void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};

bool set_certificate(SSL_CTX* context, const TlsMaterial& material) {
    const std::unique_ptr<STACK_OF(X509), StackFree> chain(sk_X509_new_null());
    for (std::size_t i = 1; i < material.certificates.size(); ++i)
        sk_X509_push(chain.get(), material.certificates[i].get());
    return SSL_CTX_use_cert_and_key(context, material.certificates[0].get(),
                                    material.private_key.get(), chain.get(), 1) == 1;
}

int verify_mode(TlsSettings::ClientCertificate wanted) {
    switch (wanted) {
        case TlsSettings::ClientCertificate::none: return SSL_VERIFY_NONE;
        case TlsSettings::ClientCertificate::optional: return SSL_VERIFY_PEER;
        case TlsSettings::ClientCertificate::required: break;
    }
    return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
}

void set_client_certificates(SSL_CTX* context, const TlsSettings& settings,
                             const TlsMaterial& material) {
    SSL_CTX_set_verify(context, verify_mode(settings.client_certificate), nullptr);
    X509_STORE* store = SSL_CTX_get_cert_store(context);
    for (const CertificatePtr& authority : material.authorities) {
        X509_STORE_add_cert(store, authority.get());
        SSL_CTX_add_client_CA(context, authority.get());
    }
    // An intermediate may be all that is trusted.
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    for (const CrlPtr& crl : material.revocations)
        X509_STORE_add_crl(store, crl.get());
    if (!material.revocations.empty()) X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
}

// TLS 1.3 has names of its own for its suites, and a list of its own.
struct Ciphers {
    std::string tls_1_2;
    std::string tls_1_3;
};

Ciphers split(std::string_view list) {
    Ciphers ciphers;
    while (!list.empty()) {
        const std::size_t end = list.find(':');
        const std::string_view name = list.substr(0, end);
        list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
        std::string& target = name.starts_with("TLS_") ? ciphers.tls_1_3 : ciphers.tls_1_2;
        if (!target.empty()) target += ':';
        target += name;
    }
    return ciphers;
}

bool set_ciphers(SSL_CTX* context, const TlsSettings& settings) {
    Ciphers ciphers = split(settings.ciphers);
    if (ciphers.tls_1_2.empty() && !settings.psk_file.empty()) {
        ciphers.tls_1_2 = "kECDHEPSK:kDHEPSK:kPSK";
    }
    return (ciphers.tls_1_2.empty() ||
            SSL_CTX_set_cipher_list(context, ciphers.tls_1_2.c_str()) == 1) &&
           (ciphers.tls_1_3.empty() ||
            SSL_CTX_set_ciphersuites(context, ciphers.tls_1_3.c_str()) == 1);
}

}  // namespace

TlsContext::TlsContext(const TlsSettings& settings, PskKeys psk_keys)
    : username_from_(settings.username_from),
      psk_keys_(std::move(psk_keys)),
      context_(SSL_CTX_new(TLS_server_method())) {
    if (!context_) throw std::bad_alloc();
    SSL_CTX_set_app_data(context_.get(), this);
    set_rules(context_.get(), settings);
    use_ticket_keys(context_.get(), ticket_keys_);
    if (!psk_keys_.empty()) use_psk(context_.get());
}

TlsContext::Built TlsContext::build(const TlsSettings& settings) {
    TlsMaterial material = read_tls_material(settings);
    Built built{nullptr, std::move(material.problems)};
    const auto is_broken = [](const TlsProblem& p) {
        return p.weight == TlsProblem::Weight::broken;
    };
    if (std::ranges::any_of(built.problems, is_broken)) return built;

    ERR_clear_error();
    const std::shared_ptr<TlsContext> context(
        new TlsContext(settings, std::move(material.psk_keys)));
    SSL_CTX* const ssl_context = context->context_.get();
    set_client_certificates(ssl_context, settings, material);
    if (!set_ciphers(ssl_context, settings)) {
        built.problems.push_back(broken("ciphers", "", openssl_reason()));
    } else if (material.private_key && !set_certificate(ssl_context, material)) {
        built.problems.push_back(broken("certificate", settings.certificate, openssl_reason()));
    } else {
        built.context = context;
    }
    ERR_clear_error();
    return built;
}

SslPtr TlsContext::accept() const {
    SslPtr ssl(SSL_new(context_.get()));
    if (ssl) SSL_set_accept_state(ssl.get());
    return ssl;
}

std::optional<std::string> TlsContext::certified_name(SSL* ssl) const {
    if (username_from_ == TlsSettings::UsernameFrom::none) return std::nullopt;
    if (!psk_keys_.empty()) return psk_identity(ssl);
    const X509* certificate = SSL_get0_peer_certificate(ssl);
    if (certificate == nullptr) return std::nullopt;
    return username_from_ == TlsSettings::UsernameFrom::subject ? subject_of(certificate)
                                                                : common_name_of(certificate);
}

const std::string* TlsContext::psk(std::string_view identity) const {
    const auto found = psk_keys_.find(identity);
    return found != psk_keys_.end() ? &found->second : nullptr;
}

std::vector<TlsProblem> examine_tls(const TlsSettings& settings) {
    return TlsContext::build(settings).problems;
}

}  // namespace godwit::net
