#include "tls_material.hpp"

#include <openssl/pem.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <optional>
#include <system_error>

namespace godwit::net {

namespace {

using Weight = TlsProblem::Weight;

// Revocation lists grow; nothing else comes near it.
constexpr std::size_t kFileBytesMax = 64UL * 1024 * 1024;

// --- One file, and what is said about it

class Source {
public:
    Source(std::vector<TlsProblem>& problems, std::string key, const std::string& file)
        : problems_(problems), key_(std::move(key)), file_(file) {}

    void tell(Weight weight, std::string what, std::size_t line = 0) {
        const std::string place = line == 0 ? file_ : file_ + ":" + std::to_string(line);
        problems_.push_back({weight, key_, place, std::move(what)});
    }

    // Nothing, and told so, where it cannot be read.
    [[nodiscard]] std::optional<std::string> read() {
        using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
        errno = 0;
        const File file(std::fopen(file_.c_str(), "re"), &std::fclose);
        std::string text;
        if (file) {
            char buffer[16 * 1024];
            for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, file.get())) > 0;) {
                text.append(buffer, n);
                if (text.size() > kFileBytesMax) return tell_unreadable("larger than 64 MiB");
            }
        }
        if (!file || std::ferror(file.get()) != 0) {
            return tell_unreadable(std::generic_category().message(errno));
        }
        return text;
    }

    void tell_if_secret_is_open() {
        struct stat status {};
        if (stat(file_.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0) {
            tell(Weight::advice, "every user of this machine can read it (chmod o= " + file_ + ")");
        }
    }

private:
    std::nullopt_t tell_unreadable(const std::string& why) {
        tell(Weight::broken, "cannot be read: " + why);
        return std::nullopt;
    }

    std::vector<TlsProblem>& problems_;
    const std::string key_;
    const std::string& file_;
};

// --- PEM

BioPtr bio_of(const std::string& text) {
    return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// All objects of one kind, in order. Others between them are skipped.
template <typename Pointer, auto kRead>
std::vector<Pointer> read_all(Source& source, const std::string& kind) {
    std::vector<Pointer> objects;
    const auto text = source.read();
    if (!text) return objects;
    const BioPtr bio = bio_of(*text);
    ERR_clear_error();
    while (auto* object = kRead(bio.get(), nullptr, nullptr, nullptr))
        objects.emplace_back(object);
    const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (!at_end) {
        source.tell(Weight::broken, kind + " number " + std::to_string(objects.size() + 1) +
                                        " is damaged: " + std::string(openssl_reason()));
        return {};
    }
    if (objects.empty()) source.tell(Weight::broken, "has no " + kind + " in PEM form");
    return objects;
}

// Nobody sits at a daemon's terminal.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

KeyPtr read_private_key(Source& source) {
    const auto text = source.read();
    if (!text) return nullptr;
    ERR_clear_error();
    KeyPtr key(PEM_read_bio_PrivateKey(bio_of(*text).get(), nullptr, no_passphrase, nullptr));
    if (key) return key;
    const bool encrypted = text->find("ENCRYPTED") != std::string::npos;
    source.tell(Weight::broken, encrypted ? "is encrypted; it has to be there without a passphrase"
                                          : "has no private key in PEM form");
    return nullptr;
}

// --- Times

std::string text_of(const ASN1_TIME* time) {
    std::tm parts{};
    char text[64] = "an unknown time";
    if (ASN1_TIME_to_tm(time, &parts) == 1) {
        std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts);
    }
    return text;
}

bool is_past(const ASN1_TIME* time) {
    return X509_cmp_current_time(time) < 0;
}

void look_at_times(Source& source, const std::vector<CertificatePtr>& certificates) {
    for (std::size_t i = 0; i < certificates.size(); ++i) {
        const std::string which =
            certificates.size() == 1 ? "" : "certificate number " + std::to_string(i + 1) + " ";
        const ASN1_TIME* begin = X509_get0_notBefore(certificates[i].get());
        const ASN1_TIME* end = X509_get0_notAfter(certificates[i].get());
        if (is_past(end)) source.tell(Weight::untimely, which + "expired on " + text_of(end));
        if (!is_past(begin)) {
            source.tell(Weight::untimely, which + "is not valid before " + text_of(begin));
        }
    }
}

// --- The parts

void read_own(TlsMaterial& material, const TlsSettings& settings) {
    Source certificate(material.problems, "certificate", settings.certificate);
    material.certificates = read_all<CertificatePtr, PEM_read_bio_X509>(certificate, "certificate");
    look_at_times(certificate, material.certificates);

    Source key(material.problems, "private_key", settings.private_key);
    material.private_key = read_private_key(key);
    key.tell_if_secret_is_open();
    if (!material.private_key || material.certificates.empty()) return;
    if (X509_check_private_key(material.certificates[0].get(), material.private_key.get()) != 1) {
        key.tell(Weight::broken, "does not match the certificate in " + settings.certificate);
    }
}

bool has_issuer(const X509_CRL* crl, const std::vector<CertificatePtr>& authorities) {
    return std::ranges::any_of(authorities, [crl](const CertificatePtr& authority) {
        return X509_NAME_cmp(X509_get_subject_name(authority.get()), X509_CRL_get_issuer(crl)) == 0;
    });
}

void read_revocations(TlsMaterial& material, const TlsSettings& settings) {
    Source source(material.problems, "crl", settings.crl);
    material.revocations = read_all<CrlPtr, PEM_read_bio_X509_CRL>(source, "revocation list");
    for (const CrlPtr& crl : material.revocations) {
        if (!has_issuer(crl.get(), material.authorities)) {
            source.tell(Weight::broken, "its issuer is not among those of " + settings.ca);
        }
        const ASN1_TIME* next = X509_CRL_get0_nextUpdate(crl.get());
        if (next != nullptr && is_past(next)) {
            source.tell(Weight::untimely,
                        "expired on " + text_of(next) + ": clients with a certificate are refused");
        }
    }
}

void read_authorities(TlsMaterial& material, const TlsSettings& settings) {
    Source source(material.problems, "ca", settings.ca);
    material.authorities = read_all<CertificatePtr, PEM_read_bio_X509>(source, "certificate");
    look_at_times(source, material.authorities);
    if (!settings.crl.empty()) read_revocations(material, settings);
}

void read_psk_keys(TlsMaterial& material, const TlsSettings& settings) {
    Source source(material.problems, "psk_file", settings.psk_file);
    const auto text = source.read();
    if (!text) return;
    auto parsed = parse_psk_file(*text);
    if (const auto* fault = std::get_if<PskFault>(&parsed)) {
        return source.tell(Weight::broken, std::string(fault->what), fault->line);
    }
    material.psk_keys = std::get<PskKeys>(std::move(parsed));
    source.tell_if_secret_is_open();
}

}  // namespace

TlsMaterial read_tls_material(const TlsSettings& settings) {
    TlsMaterial material;
    if (settings.psk_file.empty()) {
        read_own(material, settings);
    } else {
        read_psk_keys(material, settings);
    }
    if (!settings.ca.empty()) read_authorities(material, settings);
    ERR_clear_error();
    return material;
}

std::string to_string(const TlsProblem& problem, std::size_t listener) {
    const std::string file = problem.file.empty() ? "" : problem.file + ": ";
    return file + "listeners[" + std::to_string(listener) + "].tls." + problem.key + ": " +
           problem.what;
}

}  // namespace godwit::net
