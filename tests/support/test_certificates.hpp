// Certificates made for a test: an authority, what it issues, what it revokes. Keys are of P-256,
// so making one takes no time to speak of.
#pragma once

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace godwit::test {

// A certificate with its key, as PEM.
struct Issued {
    std::string certificate;
    std::string key;
    long serial = 0;
};

class CertificateAuthority {
public:
    explicit CertificateAuthority(const std::string& name = "Test CA")
        : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
        fill(certificate_, {{"CN", name}}, key_, kDay * 30);
        X509_set_issuer_name(certificate_, X509_get_subject_name(certificate_));
        mark_as_authority(certificate_);
        X509_sign(certificate_, key_, EVP_sha256());
    }
    CertificateAuthority(const CertificateAuthority&) = delete;
    ~CertificateAuthority() {
        X509_free(certificate_);
        EVP_PKEY_free(key_);
    }

    static constexpr long kDay = 24 * 60 * 60;
    using Name = std::vector<std::pair<std::string, std::string>>;  // {"CN", "a"}, ...

    // For so many seconds from now; negative: it has expired.
    [[nodiscard]] Issued issue(const Name& name, long seconds = kDay) const {
        EVP_PKEY* key = EVP_EC_gen("P-256");
        X509* certificate = X509_new();
        fill(certificate, name, key, seconds);
        X509_set_issuer_name(certificate, X509_get_subject_name(certificate_));
        X509_sign(certificate, key_, EVP_sha256());
        const Issued issued{pem(certificate, PEM_write_bio_X509), pem_of(key),
                            ASN1_INTEGER_get(X509_get0_serialNumber(certificate))};
        X509_free(certificate);
        EVP_PKEY_free(key);
        return issued;
    }
    [[nodiscard]] Issued issue(const std::string& common_name, long seconds = kDay) const {
        return issue(Name{{"CN", common_name}}, seconds);
    }

    // An authority below this one, with a chain of its own up to here.
    void sign(CertificateAuthority& below) const {
        X509_set_issuer_name(below.certificate_, X509_get_subject_name(certificate_));
        X509_sign(below.certificate_, key_, EVP_sha256());
    }

    [[nodiscard]] std::string certificate() const { return pem(certificate_, PEM_write_bio_X509); }

    // The revocation list, for so many seconds.
    [[nodiscard]] std::string revoke(const std::vector<long>& serials, long seconds = kDay) const {
        X509_CRL* crl = X509_CRL_new();
        X509_CRL_set_version(crl, X509_CRL_VERSION_2);
        X509_CRL_set_issuer_name(crl, X509_get_subject_name(certificate_));
        ASN1_TIME* time = X509_gmtime_adj(nullptr, -kDay * 60);
        X509_CRL_set1_lastUpdate(crl, time);
        X509_gmtime_adj(time, seconds);
        X509_CRL_set1_nextUpdate(crl, time);
        ASN1_TIME_free(time);
        for (const long serial : serials) {
            X509_REVOKED* revoked = X509_REVOKED_new();
            ASN1_INTEGER* number = ASN1_INTEGER_new();
            ASN1_INTEGER_set(number, serial);
            X509_REVOKED_set_serialNumber(revoked, number);
            ASN1_INTEGER_free(number);
            X509_REVOKED_set_revocationDate(revoked,
                                            const_cast<ASN1_TIME*>(X509_CRL_get0_lastUpdate(crl)));
            X509_CRL_add0_revoked(crl, revoked);
        }
        X509_CRL_sign(crl, key_, EVP_sha256());
        std::string text = pem(crl, PEM_write_bio_X509_CRL);
        X509_CRL_free(crl);
        return text;
    }

private:
    static void fill(X509* certificate, const Name& name, EVP_PKEY* key, long seconds) {
        static long serial = 0;
        X509_set_version(certificate, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
        X509_gmtime_adj(X509_getm_notBefore(certificate), -kDay * 60);
        X509_gmtime_adj(X509_getm_notAfter(certificate), seconds);
        X509_set_pubkey(certificate, key);
        for (const auto& [type, value] : name) {
            const auto* bytes = reinterpret_cast<const unsigned char*>(value.data());
            X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), type.c_str(),
                                       MBSTRING_UTF8, bytes, static_cast<int>(value.size()), -1, 0);
        }
    }
    static void mark_as_authority(X509* certificate) {
        X509_EXTENSION* extension =
            X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE");
        X509_add_ext(certificate, extension, -1);
        X509_EXTENSION_free(extension);
    }

    template <typename Object, typename Write>
    static std::string pem(Object* object, Write write) {
        BIO* out = BIO_new(BIO_s_mem());
        write(out, object);
        return taken(out);
    }
    static std::string pem_of(EVP_PKEY* key) {
        BIO* out = BIO_new(BIO_s_mem());
        PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
        return taken(out);
    }
    static std::string taken(BIO* out) {
        char* text = nullptr;
        const long size = BIO_get_mem_data(out, &text);
        std::string result(text, static_cast<std::size_t>(size));
        BIO_free(out);
        return result;
    }

    EVP_PKEY* key_;
    X509* certificate_;
};

// A file of a test's scratch folder, readable for its owner alone. Returns its path.
inline std::string write_file(const std::filesystem::path& folder, const std::string& name,
                              const std::string& text) {
    const std::filesystem::path path = folder / name;
    std::ofstream(path, std::ios::trunc) << text;
    std::filesystem::permissions(
        path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return path;
}

}  // namespace godwit::test
