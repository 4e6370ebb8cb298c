// The section `admin`.
#include <optional>
#include <string>

#include "godwit/net/settings.hpp"
#include "schema.hpp"

namespace godwit::config {
namespace {

// HOST:PORT, or nothing: there is no interface.
struct EndpointCodec {
    void read(std::optional<admin::Endpoint>& target, const YAML::Node& node,
              const std::string& key) const {
        constexpr std::string_view kExpected = "HOST:PORT, [V6]:PORT, *:PORT or an empty text";
        target.reset();
        const std::string text = scalar(kExpected, node, key);
        if (text.empty()) return;
        const auto bind = net::parse_bind(text);
        const auto* tcp = bind ? std::get_if<net::TcpBind>(&*bind) : nullptr;
        if (tcp == nullptr) throw_expected(kExpected, node, key);
        target = admin::Endpoint{tcp->host, tcp->port};
    }
    void write(YAML::Emitter& out, const std::optional<admin::Endpoint>& endpoint) const {
        write_quoted(out,
                     endpoint ? net::to_string(net::TcpBind{endpoint->host, endpoint->port}) : "");
    }
};

// A map; without files it is none.
class KeyPairCodec {
public:
    void read(std::optional<admin::TlsSettings>& target, const YAML::Node& node,
              const std::string& key) const {
        target.reset();
        admin::TlsSettings settings;
        record_.read(settings, node, key);
        if (settings.certificate.empty() && settings.private_key.empty()) return;
        if (settings.certificate.empty()) {
            throw Fault{node.Mark(), key + ".certificate", "is missing"};
        }
        if (settings.private_key.empty()) {
            throw Fault{node.Mark(), key + ".private_key", "is missing"};
        }
        target = std::move(settings);
    }
    void write(YAML::Emitter& out, const std::optional<admin::TlsSettings>& value) const {
        record_.write(out, value.value_or(admin::TlsSettings{}));
    }

private:
    RecordCodec<admin::TlsSettings> record_{{
        key("certificate", TextCodec{}, &admin::TlsSettings::certificate),
        key("private_key", TextCodec{}, &admin::TlsSettings::private_key),
    }};
};

RecordCodec<admin::Settings> admin_codec() {
    using Settings = admin::Settings;
    return RecordCodec<Settings>({
        key("bind", EndpointCodec{}, &Settings::bind),
        key("token_file", TextCodec{}, &Settings::token_file),
        key("dashboard", BooleanCodec{}, &Settings::dashboard),
        key("open_metrics", BooleanCodec{}, &Settings::open_metrics),
        key("tls", KeyPairCodec{}, &Settings::tls),
    });
}

}  // namespace

Field<Draft> admin_section() {
    return key("admin", admin_codec(), &Draft::config, &Config::admin);
}

}  // namespace godwit::config
