// The section `acl`.
#include "schema.hpp"

namespace godwit::config {
namespace {

using auth::AclRule;
using auth::AclSettings;

// Empty where the address does not matter.
struct OptionalAddressRangeCodec {
    void read(std::optional<core::AddressRange>& target, const YAML::Node& node,
              const std::string& key) const {
        target.reset();
        if (node.IsScalar() && node.Scalar().empty()) return;
        AddressRangeCodec{}.read(target, node, key);
    }
    void write(YAML::Emitter& out, const std::optional<core::AddressRange>& range) const {
        write_quoted(out, range ? range->text() : "");
    }
};

struct TopicsCodec {
    void read(auth::AclTopics& target, const YAML::Node& node, const std::string& key) const {
        std::string text;
        TextCodec{}.read(text, node, key);
        const auto topics = auth::parse_acl_topics(text);
        if (!topics) throw_expected("a topic filter, or 'eq' and one", node, key);
        target = *topics;
    }
    void write(YAML::Emitter& out, const auth::AclTopics& topics) const {
        write_quoted(out, auth::to_string(topics));
    }
};

// A rule about no topics would decide nothing.
class TopicListCodec {
public:
    void read(std::vector<auth::AclTopics>& target, const YAML::Node& node,
              const std::string& key) const {
        list_.read(target, node, key);
        if (target.empty()) throw Fault{node.Mark(), key, "a rule needs a topic; '#' means all"};
    }
    void write(YAML::Emitter& out, const std::vector<auth::AclTopics>& topics) const {
        list_.write(out, topics);
    }

private:
    ListCodec<TopicsCodec> list_{TopicsCodec{}};
};

ChoiceCodec<AclRule::Permit> permit_codec() {
    return {{"allow", AclRule::Permit::allow}, {"deny", AclRule::Permit::deny}};
}

ChoiceCodec<AclRule::Action> action_codec() {
    return {
        {"publish", AclRule::Action::publish},
        {"subscribe", AclRule::Action::subscribe},
        {"all", AclRule::Action::all},
    };
}

ChoiceCodec<AclSettings::Default> default_codec() {
    return {
        {"auto", AclSettings::Default::automatic},
        {"allow", AclSettings::Default::allow},
        {"deny", AclSettings::Default::deny},
    };
}

ChoiceCodec<core::DeniedPublish> denied_publish_codec() {
    return {
        {"ignore", core::DeniedPublish::ignore},
        {"disconnect", core::DeniedPublish::disconnect},
    };
}

RecordCodec<AclRule> rule_codec() {
    return RecordCodec<AclRule>({
        required(key("permit", permit_codec(), &AclRule::permit)),
        key("action", action_codec(), &AclRule::action),
        key("username", TextCodec{}, &AclRule::username),
        key("client_id", TextCodec{}, &AclRule::client_id),
        key("address", OptionalAddressRangeCodec{}, &AclRule::address),
        required(key("topics", TopicListCodec{}, &AclRule::topics)),
    });
}

}  // namespace

Field<Draft> acl_section() {
    return section<Draft>(
        "acl",
        {
            key("default", default_codec(), &Draft::config, &Config::acl, &AclSettings::otherwise),
            key("on_denied_publish", denied_publish_codec(), &Draft::config, &Config::core,
                &core::Settings::access, &core::AccessSettings::on_denied_publish),
            key("file", TextCodec{}, &Draft::config, &Config::acl, &AclSettings::file),
            key("rules", ListCodec(rule_codec()), &Draft::config, &Config::acl,
                &AclSettings::rules),
        });
}

}  // namespace godwit::config
