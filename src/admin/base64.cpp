#include "base64.hpp"

#include <openssl/evp.h>

#include <algorithm>

namespace godwit::admin {
namespace {

const unsigned char* octets(const void* bytes) {
    return static_cast<const unsigned char*>(bytes);
}

std::size_t padding_of(std::string_view text) {
    if (text.ends_with("==")) return 2;
    return text.ends_with('=') ? 1 : 0;
}

}  // namespace

std::string encode_base64(std::span<const std::byte> bytes) {
    std::vector<unsigned char> text((bytes.size() + 2) / 3 * 4 + 1);
    const int size =
        EVP_EncodeBlock(text.data(), octets(bytes.data()), static_cast<int>(bytes.size()));
    return {text.begin(), text.begin() + size};
}

std::string encode_base64url(std::span<const std::byte> bytes) {
    std::string text = encode_base64(bytes);
    text.resize(text.size() - padding_of(text));
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    return text;
}

std::optional<std::vector<std::byte>> decode_base64(std::string_view text) {
    // OpenSSL takes spaces around it and a padding anywhere for zeros.
    const std::size_t padding = padding_of(text);
    const bool is_plain = std::all_of(text.begin(), text.end() - padding, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '+' || c == '/';
    });
    if (text.size() % 4 != 0 || !is_plain) return std::nullopt;
    std::vector<unsigned char> bytes(text.size() / 4 * 3 + 1);
    const int size =
        EVP_DecodeBlock(bytes.data(), octets(text.data()), static_cast<int>(text.size()));
    if (size < 0) return std::nullopt;
    const auto* const begin = reinterpret_cast<const std::byte*>(bytes.data());
    return std::vector<std::byte>(begin, begin + size - padding);
}

}  // namespace godwit::admin
