#include <algorithm>
#include <set>

#include "option.hpp"
#include "sections.hpp"

namespace godwit::mosquitto {
namespace {

std::string bind_of(const Listener& listener) {
    if (!listener.unix_path.empty()) return "unix:" + listener.unix_path;
    std::string host = listener.host;
    const std::string& domain = listener.socket_domain.value;
    if (host.empty() && listener.bind_interface.value == "lo") host = "127.0.0.1";
    if (host.empty()) host = domain == "ipv4" ? "0.0.0.0" : domain == "ipv6" ? "::" : "*";
    if (host.find(':') != std::string::npos) host = "[" + host + "]";
    return host + ":" + std::to_string(listener.port);
}

std::string origin_of(const Listener& listener) {
    if (listener.opened_by.option.empty()) return "mosquitto's default listener";
    return origin_of(listener.opened_by);
}

// Unique, and telling.
std::string name_of(const Listener& listener, bool is_encrypted, std::set<std::string>& taken) {
    const bool is_websocket = listener.protocol.value == "websockets";
    std::string base = is_websocket ? (is_encrypted ? "wss" : "ws") : is_encrypted ? "tls" : "tcp";
    base = listener.unix_path.empty() ? base + "-" + std::to_string(listener.port) : "unix";
    std::string name = base;
    for (int number = 2; !taken.insert(name).second; ++number)
        name = base + "-" + std::to_string(number);
    return name;
}

Key text_key(const char* name, const Said<std::string>& said) {
    return {.name = name, .value = quoted(said.value), .comment = said.origin};
}

// One list for all versions of TLS.
Key ciphers_key(const Tls& tls) {
    Said<std::string> both = tls.ciphers.is_said() ? tls.ciphers : tls.ciphers_1_3;
    if (tls.ciphers.is_said() && tls.ciphers_1_3.is_said()) {
        both.value += ":" + tls.ciphers_1_3.value;
        both.origin += "; " + tls.ciphers_1_3.origin;
    }
    return text_key("ciphers", both);
}

void add_client_certificates(Keys& keys, const Tls& tls) {
    if (!tls.require_certificate.value) return;
    keys.push_back(text_key("ca", tls.cafile));
    if (tls.crlfile.is_said()) keys.push_back(text_key("crl", tls.crlfile));
    keys.push_back({.name = "client_certificate",
                    .value = "required",
                    .comment = tls.require_certificate.origin});
}

Keys tls_keys(const Tls& tls, const Access& access) {
    Keys keys;
    if (tls.psk_hint.is_said()) {
        keys.push_back(text_key("psk_file", access.psk_file));
    } else {
        keys.push_back(text_key("certificate", tls.certfile));
        keys.push_back(text_key("private_key", tls.keyfile));
        add_client_certificates(keys, tls);
    }
    if (tls.use_identity.value || tls.use_subject.value) {
        const Said<bool>& said = tls.use_identity.value ? tls.use_identity : tls.use_subject;
        keys.push_back({.name = "username_from",
                        .value = tls.use_identity.value ? "common_name" : "subject",
                        .comment = said.origin});
    }
    if (tls.version.is_said()) {
        keys.push_back({.name = "min_version",
                        .value = tls.version.value == "tlsv1.3" ? "\"1.3\"" : "\"1.2\"",
                        .comment = tls.version.origin});
    }
    if (tls.ciphers.is_said() || tls.ciphers_1_3.is_said()) keys.push_back(ciphers_key(tls));
    return keys;
}

Keys keys_of(const PlannedListener& planned, bool per_listener, const std::string& name) {
    const Listener& listener = planned.listener;
    Keys keys = {{.name = "name", .value = quoted(name), .comment = origin_of(listener)},
                 {.name = "bind", .value = quoted(bind_of(listener))}};
    if (listener.protocol.value == "websockets") {
        keys.push_back({.name = "transport",
                        .value = "websocket",
                        .comment = listener.protocol.origin + " (clients have to ask for /mqtt)"});
    }
    if (per_listener) {
        keys.push_back({.name = "anonymous",
                        .value = planned.allows_anonymous ? "allow" : "deny",
                        .comment = planned.access.allow_anonymous.origin});
    }
    if (listener.mount_point.is_said())
        keys.push_back(text_key("mount_point", listener.mount_point));
    if (listener.max_connections.value > 0) {
        const auto limit = std::min<std::int64_t>(listener.max_connections.value, 2147483647);
        keys.push_back({.name = "max_connections",
                        .value = std::to_string(limit),
                        .comment = listener.max_connections.origin});
    }
    if (planned.is_encrypted)
        keys.push_back({.name = "tls", .below = tls_keys(listener.tls, planned.access)});
    return keys;
}

// What stands before the section `tls` or inside it in vain.
void remark_on_tls(const Listener& listener, bool is_encrypted, std::vector<std::string>& out) {
    const Tls& tls = listener.tls;
    const auto add = [&out](const auto& said, const char* why) {
        if (said.is_said()) out.push_back(said.origin + ": " + why);
    };
    if (!is_encrypted) {
        const char* why = "in vain without certfile and keyfile";
        add(tls.certfile, why);
        add(tls.keyfile, why);
        add(tls.cafile, why);
        add(tls.capath, why);
        add(tls.crlfile, why);
        add(tls.ciphers, why);
        add(tls.ciphers_1_3, why);
        add(tls.version, why);
        add(tls.require_certificate, why);
        add(tls.use_identity, why);
        add(tls.use_subject, why);
        return;
    }
    add(tls.psk_hint, "clients get no hint");
    add(tls.capath, "tls.ca takes a file, so certificates of that directory are not trusted");
    if (!tls.require_certificate.value) {
        add(tls.cafile, "in vain without require_certificate");
        add(tls.crlfile, "in vain without require_certificate");
    }
    if (tls.use_identity.value && tls.use_subject.value)
        add(tls.use_subject, "use_identity_as_username goes first");
}

std::string as_comments(const std::string& lines) {
    std::string out;
    for (std::size_t at = 0; at < lines.size();) {
        const std::size_t end = lines.find('\n', at);
        out += "  # " + lines.substr(at, end - at) + "\n";
        at = end + 1;
    }
    return out;
}

std::string remarks_on(const PlannedListener& planned) {
    std::vector<std::string> remarks;
    remark_on_tls(planned.listener, planned.is_encrypted, remarks);
    const Said<std::string>& domain = planned.listener.socket_domain;
    if (domain.is_said() && !planned.listener.host.empty())
        remarks.push_back(domain.origin + ": the address decides");
    if (!planned.warning.empty()) remarks.push_back(planned.warning);
    std::string out;
    for (const std::string& remark : remarks)
        out += "    # " + one_line(remark) + "\n";
    return out;
}

std::string listener_lines(const PlannedListener& planned, bool per_listener,
                           std::set<std::string>& names) {
    const Keys keys =
        keys_of(planned, per_listener, name_of(planned.listener, planned.is_encrypted, names));
    if (planned.left_out.empty()) return to_lines(keys, "  - ", "    ") + remarks_on(planned);
    return "  # Not opened: " + one_line(planned.left_out) + ".\n" +
           as_comments(to_lines(keys, "- ", "  "));
}

}  // namespace

std::string listeners_section(const Plan& plan, bool per_listener, std::vector<Remark>& remarks) {
    std::string lines;
    std::set<std::string> names;
    bool any = false;
    for (const PlannedListener& planned : plan.listeners) {
        lines += listener_lines(planned, per_listener, names);
        any = any || planned.left_out.empty();
        const Statement& statement = planned.listener.opened_by;
        if (!planned.left_out.empty())
            remarks.push_back({statement, "this listener is left out: " + planned.left_out, true});
        else if (!planned.warning.empty())
            remarks.push_back({statement, planned.warning, true});
    }
    return "\nlisteners:" + std::string(any ? "" : " []") + "\n" + lines;
}

}  // namespace godwit::mosquitto
