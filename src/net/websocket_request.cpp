#include "websocket_request.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>

namespace godwit::net {

namespace {

constexpr std::string_view kMethod = "GET ";
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kNone;

constexpr HttpRefusal bad_request(std::string_view detail) {
    return {"400 Bad Request", detail, kNone};
}

// --- Characters and words of HTTP (RFC 9110, section 5.6)

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_letter_or_digit(char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9');
}

bool is_token(std::string_view text) {
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return is_letter_or_digit(c) || kMarks.find(c) != kMarks.npos;
    });
}

bool equal_ignoring_case(std::string_view one, std::string_view other) {
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Takes the text up to the separator, and the separator, off the front; all where there is none.
std::string_view take_piece(std::string_view& text, std::string_view separator) {
    const std::size_t end = text.find(separator);
    const std::string_view piece = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + separator.size());
    return piece;
}

// The first item of a comma-separated list that `wanted` is true for.
template <typename Wanted>
std::optional<std::string_view> find_item(std::string_view list, Wanted wanted) {
    while (!list.empty()) {
        const std::string_view item = trimmed(take_piece(list, ","));
        if (wanted(item)) return item;
    }
    return std::nullopt;
}

bool has_token(std::string_view list, std::string_view token) {
    return find_item(list, [&](auto item) { return equal_ignoring_case(item, token); }).has_value();
}

bool is_key(std::string_view text) {  // sixteen bytes in base64
    return text.size() == 24 && text.ends_with("==") &&
           std::all_of(text.begin(), text.end() - 2,
                       [](char c) { return is_letter_or_digit(c) || c == '+' || c == '/'; });
}

// --- The header

// A header that may be there once. A second one is told from none.
struct Once {
    std::optional<std::string_view> value;
    bool repeated = false;

    void set(std::string_view text) {
        repeated = repeated || value.has_value();
        value = text;
    }
};

void append_to_list(std::string& list, std::string_view items) {
    if (!list.empty()) list += ',';
    list += items;
}

struct Header {
    Once host;
    Once key;
    Once version;
    std::string upgrade;
    std::string connection;
    std::string subprotocols;
    std::string forwarded_for;

    void set(std::string_view name, std::string_view value) {
        const auto is = [name](std::string_view known) { return equal_ignoring_case(name, known); };
        if (is("Host")) return host.set(value);
        if (is("Sec-WebSocket-Key")) return key.set(value);
        if (is("Sec-WebSocket-Version")) return version.set(value);
        if (is("Upgrade")) return append_to_list(upgrade, value);
        if (is("Connection")) return append_to_list(connection, value);
        if (is("Sec-WebSocket-Protocol")) return append_to_list(subprotocols, value);
        if (is("X-Forwarded-For")) return append_to_list(forwarded_for, value);
    }
};

bool is_field_value(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 0x7f; });
}

// Nothing where a line is none of a header. A line folded into the next one is refused too.
std::optional<Header> parse_header(std::string_view lines) {
    Header header;
    while (!lines.empty()) {
        const std::string_view line = take_piece(lines, kLineEnd);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return {};
        const std::string_view value = trimmed(line.substr(colon + 1));
        if (!is_field_value(value)) return {};
        header.set(line.substr(0, colon), value);
    }
    return header;
}

// --- What is asked for

std::optional<HttpRefusal> check_request_line(std::string_view line, std::string_view path) {
    if (!line.starts_with(kMethod)) {
        return HttpRefusal{"405 Method Not Allowed", "the request is no GET", "Allow: GET"};
    }
    line.remove_prefix(kMethod.size());
    const std::string_view target = take_piece(line, " ");
    if (line != "HTTP/1.1") {
        return HttpRefusal{"505 HTTP Version Not Supported", "the request is not HTTP/1.1", kNone};
    }
    if (target.substr(0, target.find('?')) != path) {
        return HttpRefusal{"404 Not Found", "the request is for another path", kNone};
    }
    return std::nullopt;
}

std::optional<HttpRefusal> check_header(const Header& header) {
    if (!header.host.value || header.host.repeated) return bad_request("not one Host");
    if (!has_token(header.upgrade, "websocket") || !has_token(header.connection, "upgrade")) {
        return HttpRefusal{"426 Upgrade Required", "the request is for no WebSocket",
                           "Upgrade: websocket"};
    }
    if (header.version.repeated || header.version.value != "13") {
        return HttpRefusal{"426 Upgrade Required", "the version of WebSocket is not 13",
                           "Sec-WebSocket-Version: 13"};
    }
    if (!header.key.value || header.key.repeated || !is_key(*header.key.value)) {
        return bad_request("not one Sec-WebSocket-Key of 16 bytes");
    }
    return std::nullopt;
}

// [MQTT-6.0.0-4]; 'mqttv3.1' is what clients of MQTT 3.1 offer.
std::string_view choose_subprotocol(std::string_view offered) {
    for (const std::string_view ours : {"mqtt", "mqttv3.1"}) {
        if (find_item(offered, [&](auto item) { return item == ours; })) return ours;
    }
    return {};
}

std::string accept_key(std::string_view key) {
    const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, 20> digest{};
    EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
    std::array<unsigned char, 29> encoded{};  // with the zero that it ends in
    const int size = EVP_EncodeBlock(encoded.data(), digest.data(), digest.size());
    return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(size)};
}

}  // namespace

bool is_no_request(std::string_view begin) {
    const std::size_t size = std::min(begin.size(), kMethod.size());
    return begin.substr(0, size) != kMethod.substr(0, size);
}

std::variant<UpgradeRequest, HttpRefusal> parse_upgrade(std::string_view request,
                                                        std::string_view path) {
    const std::string_view request_line = take_piece(request, kLineEnd);
    if (const auto refusal = check_request_line(request_line, path)) return *refusal;
    auto header = parse_header(request);
    if (!header) return bad_request("a broken header line");
    if (const auto refusal = check_header(*header)) return *refusal;
    const std::string_view subprotocol = choose_subprotocol(header->subprotocols);
    if (subprotocol.empty()) return bad_request("no subprotocol mqtt or mqttv3.1 is offered");
    return UpgradeRequest{*header->key.value, subprotocol, std::move(header->forwarded_for)};
}

HttpRefusal refuse_long_request() {
    return {"431 Request Header Fields Too Large", "the request is longer than 8 KiB", kNone};
}

std::string accept_upgrade(const UpgradeRequest& request) {
    std::string answer =
        "HTTP/1.1 101 Switching Protocols\r\n"
        "Upgrade: websocket\r\n"
        "Connection: Upgrade\r\n"
        "Sec-WebSocket-Accept: ";
    answer += accept_key(request.key);
    answer += "\r\nSec-WebSocket-Protocol: ";
    answer += request.subprotocol;
    answer += "\r\n\r\n";
    return answer;
}

std::string refuse_upgrade(const HttpRefusal& refusal) {
    std::string answer = "HTTP/1.1 ";
    answer += refusal.status;
    answer += "\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ";
    answer += std::to_string(refusal.detail.size() + 1);
    if (!refusal.header.empty()) (answer += "\r\n") += refusal.header;
    answer += "\r\n\r\n";
    answer += refusal.detail;
    answer += '\n';
    return answer;
}

}  // namespace godwit::net
