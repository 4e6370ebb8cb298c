// The section `listeners`.
#include <array>
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

// There is one transport so far, so no member holds it.
Field<ListenerDraft> transport_key() {
    return {
        "transport",
        [](ListenerDraft&, const YAML::Node& node, const std::string& key) {
            constexpr std::array<std::string_view, 2> kTransports = {"tcp", "websocket"};
            if (choose(kTransports, node, key) == "tcp") return;
            throw Fault{node.Mark(), key, "'websocket' is not supported yet"};
        },
        [](YAML::Emitter& out, const ListenerDraft&) { out << "tcp"; },
    };
}

RecordCodec<ListenerDraft> listener_codec() {
    using Draft = ListenerDraft;
    using Settings = net::ListenerSettings;
    return RecordCodec<Draft>({
        key("name", TextCodec{}, &Draft::settings, &Settings::name),
        key("bind", BindCodec{}, &Draft::settings, &Settings::bind),
        transport_key(),
        unsupported<Draft>("path"),
        key("anonymous", OptionalAnonymousCodec{}, &Draft::anonymous),
        key("mount_point", MountPointCodec{}, &Draft::settings, &Settings::mount_point),
        unsupported<Draft>("proxy_protocol"),
        unsupported<Draft>("trusted_proxies"),
        key("socket_mode", ModeCodec{}, &Draft::settings, &Settings::socket_mode),
        key("max_connections", IntegerCodec{}, &Draft::settings, &Settings::max_connections),
        unsupported<Draft>("tls"),
    });
}

// The log tells listeners apart by their names.
class ListenersCodec {
public:
    void read(std::vector<ListenerDraft>& listeners, const YAML::Node& node,
              const std::string& key) const {
        list_.read(listeners, node, key);
        std::set<std::string_view> names;
        for (std::size_t i = 0; i < listeners.size(); ++i) {
            const std::string& name = listeners[i].settings.name;
            if (name.empty() || names.insert(name).second) continue;
            throw Fault{node[i].Mark(), key + "[" + std::to_string(i) + "].name",
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
