#include "plan.hpp"

#include "godwit/mqtt/topic.hpp"

namespace godwit::mosquitto {
namespace {

// Without any word about listeners mosquitto opens one for this machine alone.
bool says_nothing(const Broker& broker) {
    return broker.listeners.empty() && !broker.default_port.is_said() &&
           !broker.default_host.is_said();
}

std::vector<Listener> opened_listeners(const Broker& broker) {
    std::vector<Listener> opened = broker.listeners;
    const bool is_default_said = broker.default_port.is_said() || broker.default_host.is_said();
    if (!opened.empty() && !is_default_said && !broker.default_is_wanted) return opened;
    Listener listener = broker.default_listener;
    if (says_nothing(broker) && !broker.default_is_wanted) listener.host = "127.0.0.1";
    opened.insert(opened.begin(), std::move(listener));
    return opened;
}

std::string problem_of_tls(const Tls& tls, const Access& access) {
    const bool psk = tls.psk_hint.is_said();
    const bool proves_names = tls.use_identity.value || tls.use_subject.value;
    if (psk && tls.certfile.is_said())
        return "a listener has either certificates or pre-shared keys; make it two";
    if (psk && !access.psk_file.is_said()) return "no psk_file says which keys are good";
    if (psk) return {};
    if (tls.keyform.value == "engine") return "its key lies in an engine, which is not supported";
    if (tls.require_certificate.value && !tls.cafile.is_said()) {
        return tls.capath.is_said()
                   ? "tls.ca takes a file: put the certificates of " + tls.capath.value +
                         " into one"
                   : "client certificates are required and no cafile says who issues them";
    }
    if (proves_names && !tls.require_certificate.value) {
        return "names come from client certificates and require_certificate is not true, with "
               "which mosquitto lets nobody in";
    }
    return {};
}

bool differs(const Said<std::string>& own, const Said<std::string>& shared) {
    return own.is_said() && own.value != shared.value;
}

std::string problem_of(const PlannedListener& planned, const Plan& plan) {
    const Listener& listener = planned.listener;
    const std::string& interface = listener.bind_interface.value;
    if (!interface.empty() && interface != "lo")
        return "bind takes an address: write that of " + interface + " there";
    if (!listener.mount_point.value.empty() && !mqtt::is_topic_name(listener.mount_point.value))
        return "a mount point has no wildcards";
    if (planned.is_encrypted) {
        if (auto problem = problem_of_tls(listener.tls, planned.access); !problem.empty())
            return problem;
    }
    if (differs(planned.access.password_file, plan.password_file))
        return "all listeners have the same users, those of " + plan.password_file.value;
    if (differs(planned.access.acl_file, plan.acl_file))
        return "all listeners have the same rules, those of " + plan.acl_file.value;
    const bool knows_nobody = !planned.access.password_file.is_said() && !planned.allows_anonymous;
    const bool proves_names =
        planned.is_encrypted && (listener.tls.use_identity.value || listener.tls.use_subject.value);
    if (plan.password_file.is_said() && knows_nobody && !proves_names)
        return "mosquitto lets nobody in there, and " + plan.password_file.value + " would";
    return {};
}

std::string stricter_than_before(const PlannedListener& planned, const Plan& plan) {
    if (!planned.access.acl_file.is_said() && plan.acl_file.is_said())
        return "the rules of " + plan.acl_file.value + " are in force here too";
    if (!planned.access.password_file.is_said() && plan.password_file.is_said())
        return "who comes with a user name has to be in " + plan.password_file.value + " here too";
    return {};
}

bool is_encrypted(const Tls& tls) {
    return tls.psk_hint.is_said() || (tls.certfile.is_said() && tls.keyfile.is_said());
}

void share(Said<std::string>& shared, const Said<std::string>& own) {
    if (!shared.is_said()) shared = own;
}

}  // namespace

Plan make_plan(const Broker& broker) {
    Plan plan;
    for (Listener& listener : opened_listeners(broker)) {
        PlannedListener planned{
            .is_encrypted = is_encrypted(listener.tls),
            .access = broker.per_listener.value ? listener.access : broker.access};
        const Said<bool>& anonymous = planned.access.allow_anonymous;
        planned.allows_anonymous = anonymous.is_said() ? anonymous.value : says_nothing(broker);
        planned.listener = std::move(listener);
        share(plan.password_file, planned.access.password_file);
        share(plan.acl_file, planned.access.acl_file);
        share(plan.plugin, planned.access.plugin);
        plan.listeners.push_back(std::move(planned));
    }
    for (PlannedListener& planned : plan.listeners) {
        planned.left_out = problem_of(planned, plan);
        planned.warning = stricter_than_before(planned, plan);
        // Whom only a plugin knew, nobody knows now.
        if (plan.plugin.is_said() && !plan.password_file.is_said())
            planned.allows_anonymous = false;
    }
    return plan;
}

}  // namespace godwit::mosquitto
