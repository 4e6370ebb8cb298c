// The section `listeners`.
#include <algorithm>
#include <optional>
#include <set>

#include "godwit/mqtt/topic.hpp"
#include "schema.hpp"

namespace godwit::config {
namespace {

struct BindCodec {
    void read(net::Bind& target, const YAML::Node& node, const std::string& key) const {
        constexpr std::string_view kExpected = "HOST:PORT, [V6]:PORT, *:PORT or unix:/path";
        const auto bind = net::parse_bind(scalar(kExpected, node, key));
        if (!bind) throw_expected(kExpected, node, key);
        target = *bind;
    }
    void write(YAML::Emitter& out, const net::Bind& bind) const {
        write_quoted(out, net::to_string(bind));
    }
};

// A prefix of topics, so what makes a topic name valid makes it valid too.
struct MountPointCodec {
    void read(std::string& target, const YAML::Node& node, const std::string& key) const {
        TextCodec{}.read(target, node, key);
        if (!target.empty() && !mqtt::is_topic_name(target)) {
            throw_expected("a topic prefix without wildcards", node, key);
        }
    }
    void write(YAML::Emitter& out, const std::string& value) const { write_quoted(out, value); }
};

// Empty where the listener follows auth.anonymous.
struct OptionalAnonymousCodec {
    void read(std::optional<net::Anonymous>& target, const YAML::Node& node,
              const std::string& key) const {
        target.reset();
        if (node.IsNull() || (node.IsScalar() && node.Scalar().empty())) return;
        net::Anonymous chosen{};
        anonymous_codec().read(chosen, node, key);
        target = chosen;
    }
    void write(YAML::Emitter& out, const std::optional<net::Anonymous>& value) const {
        if (value) {
            anonymous_codec().write(out, *value);
        } else {
            write_quoted(out, "");
        }
    }
};

using ClientCertificate = net::TlsSettings::ClientCertificate;
using UsernameFrom = net::TlsSettings::UsernameFrom;

RecordCodec<net::TlsSettings> tls_record_codec() {
    using Settings = net::TlsSettings;
    return RecordCodec<Settings>({
        key("certificate", TextCodec{}, &Settings::certificate),
        key("private_key", TextCodec{}, &Settings::private_key),
        key("ca", TextCodec{}, &Settings::ca),
        key("crl", TextCodec{}, &Settings::crl),
        key("client_certificate",
            ChoiceCodec<ClientCertificate>{{"none", ClientCertificate::none},
                                           {"optional", ClientCertificate::optional},
                                           {"required", ClientCertificate::required}},
            &Settings::client_certificate),
        key("username_from",
            ChoiceCodec<UsernameFrom>{{"none", UsernameFrom::none},
                                      {"common_name", UsernameFrom::common_name},
                                      {"subject", UsernameFrom::subject}},
            &Settings::username_from),
        key("min_version",
            ChoiceCodec<Settings::Version>{{"1.2", Settings::Version::tls_1_2},
                                           {"1.3", Settings::Version::tls_1_3}},
            &Settings::min_version),
        key("ciphers", TextCodec{}, &Settings::ciphers),
        key("psk_file", TextCodec{}, &Settings::psk_file),
    });
}

// A key that is missing or in vain beside the others, and why.
std::optional<std::pair<std::string_view, std::string_view>> contradiction(
    const net::TlsSettings& tls) {
    const bool psk = !tls.psk_file.empty();
    const bool clients = tls.client_certificate != ClientCertificate::none;
    if (psk && !tls.certificate.empty()) return {{"psk_file", "takes the place of 'certificate'"}};
    if (psk && !tls.private_key.empty()) return {{"psk_file", "takes the place of 'private_key'"}};
    if (psk && clients) return {{"psk_file", "takes the place of client certificates"}};
    if (!psk && tls.certificate.empty()) return {{"certificate", "is missing"}};
    if (!psk && tls.private_key.empty()) return {{"private_key", "is missing"}};
    if (clients && tls.ca.empty()) return {{"ca", "is missing, for client certificates"}};
    if (!clients && !tls.ca.empty()) {
        return {{"ca", "is for client certificates, and client_certificate is 'none'"}};
    }
    if (!clients && !tls.crl.empty()) {
        return {{"crl", "is for client certificates, and client_certificate is 'none'"}};
    }
    if (!clients && !psk && tls.username_from != UsernameFrom::none) {
        return {{"username_from", "needs client certificates, and client_certificate is 'none'"}};
    }
    return std::nullopt;
}

// A map, or nothing.
class TlsCodec {
public:
    void read(std::optional<net::TlsSettings>& target, const YAML::Node& node,
              const std::string& key) const {
        target.reset();
        if (node.IsNull()) return;
        net::TlsSettings settings;
        record_.read(settings, node, key);
        if (const auto wrong = contradiction(settings)) {
            throw Fault{node.Mark(), key + "." + std::string(wrong->first),
                        std::string(wrong->second)};
        }
        target = std::move(settings);
    }
    void write(YAML::Emitter& out, const std::optional<net::TlsSettings>& value) const {
        if (value) {
            record_.write(out, *value);
        } else {
            out << YAML::Null;
        }
    }

private:
    RecordCodec<net::TlsSettings> record_{tls_record_codec()};
};

ChoiceCodec<net::Transport> transport_codec() {
    return {
        {"tcp", net::Transport::tcp},
        {"websocket", net::Transport::websocket},
    };
}

// As it stands in an HTTP request, so of ASCII without spaces.
struct UrlPathCodec {
    void read(std::string& target, const YAML::Node& node, const std::string& key) const {
        TextCodec{}.read(target, node, key);
        const bool is_plain = std::all_of(target.begin(), target.end(), [](char c) {
            return c > ' ' && c < 0x7f && c != '?' && c != '#';
        });
        if (!target.starts_with('/') || !is_plain) {
            throw_expected("a path such as /mqtt, without a query", node, key);
        }
    }
    void write(YAML::Emitter& out, const std::string& path) const { write_quoted(out, path); }
};

struct AddressRangesCodec {
    void read(std::vector<core::AddressRange>& target, const YAML::Node& node,
              const std::string& key) const {
        std::vector<std::optional<core::AddressRange>> ranges;
        ListCodec(AddressRangeCodec{}).read(ranges, node, key);
        target.clear();
        for (const auto& range : ranges)
            target.push_back(*range);
    }
    void write(YAML::Emitter& out, const std::vector<core::AddressRange>& ranges) const {
        ListCodec(AddressRangeCodec{}).write(out, ranges);
    }
};

RecordCodec<ListenerDraft> listener_codec() {
    using Draft = ListenerDraft;
    using Settings = net::ListenerSettings;
    return RecordCodec<Draft>({
        key("name", TextCodec{}, &Draft::settings, &Settings::name),
        key("bind", BindCodec{}, &Draft::settings, &Settings::bind),
        key("transport", transport_codec(), &Draft::settings, &Settings::transport),
        key("path", UrlPathCodec{}, &Draft::settings, &Settings::path),
        key("anonymous", OptionalAnonymousCodec{}, &Draft::anonymous),
        key("mount_point", MountPointCodec{}, &Draft::settings, &Settings::mount_point),
        key("proxy_protocol", BooleanCodec{}, &Draft::settings, &Settings::proxy_protocol),
        key("trusted_proxies", AddressRangesCodec{}, &Draft::settings, &Settings::trusted_proxies),
        key("socket_mode", ModeCodec{}, &Draft::settings, &Settings::socket_mode),
        key("max_connections", IntegerCodec{}, &Draft::settings, &Settings::max_connections),
        key("tls", TlsCodec{}, &Draft::settings, &Settings::tls),
    });
}

// What would be set for nothing, so that nobody relies on it.
void check_use(const net::ListenerSettings& settings, const YAML::Node& node,
               const std::string& key) {
    const bool is_websocket = settings.transport == net::Transport::websocket;
    if (!is_websocket && settings.path != net::ListenerSettings{}.path) {
        throw Fault{node["path"].Mark(), key + ".path", "is for 'transport: websocket' alone"};
    }
    if (!is_websocket && !settings.proxy_protocol && !settings.trusted_proxies.empty()) {
        throw Fault{node["trusted_proxies"].Mark(), key + ".trusted_proxies",
                    "is for 'proxy_protocol: true' or 'transport: websocket'"};
    }
}

class ListenersCodec {
public:
    void read(std::vector<ListenerDraft>& listeners, const YAML::Node& node,
              const std::string& key) const {
        list_.read(listeners, node, key);
        std::set<std::string_view> names;
        for (std::size_t i = 0; i < listeners.size(); ++i) {
            const std::string item = key + "[" + std::to_string(i) + "]";
            check_use(listeners[i].settings, node[i], item);
            // The log tells listeners apart by their names.
            const std::string& name = listeners[i].settings.name;
            if (name.empty() || names.insert(name).second) continue;
            throw Fault{node[i].Mark(), item + ".name",
                        "another listener is called '" + printable(name) + "' too"};
        }
    }
    void write(YAML::Emitter& out, const std::vector<ListenerDraft>& listeners) const {
        list_.write(out, listeners);
    }

private:
    ListCodec<RecordCodec<ListenerDraft>> list_{listener_codec()};
};

}  // namespace

Field<Draft> listeners_section() {
    return key("listeners", ListenersCodec{}, &Draft::listeners);
}

}  // namespace godwit::config
