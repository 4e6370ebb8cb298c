#include "certified_name.hpp"

#include "godwit/mqtt/topic.hpp"

namespace godwit::net {

namespace {

// An empty name would be nobody's, and a null character has fooled many a comparison.
std::optional<std::string> if_usable(std::string name) {
    if (name.empty() || !mqtt::is_utf8_string(name)) return std::nullopt;
    return name;
}

}  // namespace

std::optional<std::string> common_name_of(const X509* certificate) {
    const X509_NAME* subject = X509_get_subject_name(certificate);
    int last = -1;
    for (int next = -1; (next = X509_NAME_get_index_by_NID(subject, NID_commonName, next)) >= 0;)
        last = next;
    if (last < 0) return std::nullopt;
    const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last));
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, value);
    if (size < 0) return std::nullopt;
    std::string name(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
    OPENSSL_free(utf8);
    return if_usable(std::move(name));
}

std::optional<std::string> subject_of(const X509* certificate) {
    // As UTF-8, without a backslash before every byte of it.
    constexpr unsigned long kFlags = (XN_FLAG_RFC2253 | ASN1_STRFLGS_UTF8_CONVERT) &
                                     ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
    const BioPtr out(BIO_new(BIO_s_mem()));
    if (!out) return std::nullopt;
    if (X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate), 0, kFlags) < 0) {
        return std::nullopt;
    }
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return if_usable(std::string(text, static_cast<std::size_t>(size)));
}

}  // namespace godwit::net
