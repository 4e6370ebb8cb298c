#include "godwit/mosquitto/import.hpp"

#include <algorithm>

#include "godwit/config/nearest.hpp"
#include "option.hpp"
#include "sections.hpp"

namespace godwit::mosquitto {
namespace {

std::string unknown(const Statement& statement) {
    std::vector<std::string_view> names;
    for (const Option& option : options())
        names.push_back(option.name);
    return "mosquitto 2.0 has no such option" + config::did_you_mean(statement.option, names);
}

// False where mosquitto has no such option.
bool apply(Broker& broker, const Statement& statement) {
    const Option* option = find_option(statement.option);
    if (option == nullptr) {
        warn(broker, statement, unknown(statement));
        return false;
    }
    const std::string expected = option->apply(broker, statement);
    if (!expected.empty())
        warn(broker, statement, "mosquitto expects " + expected + " here, and does not start");
    return true;
}

void remark_on_max_qos(Broker& broker, const Plan& plan, const Statements& statements) {
    if (max_qos_of_all(plan).is_said()) return;
    for (const Statement& statement : statements) {
        if (statement.option == "max_qos")
            warn(broker, statement, "mqtt.max_qos is of all listeners, and these differ");
    }
}

// mosquitto's rules name topics as they are behind the mount point.
void remark_on_mounted_rules(Broker& broker, const Plan& plan, const Statements& statements) {
    const bool is_mounted = std::any_of(
        plan.listeners.begin(), plan.listeners.end(),
        [](const PlannedListener& planned) { return planned.listener.mount_point.is_said(); });
    if (!is_mounted) return;
    for (const Statement& statement : statements) {
        if (statement.option == "acl_file") {
            warn(broker, statement,
                 "rules see topics without the mount point; those for clients behind one have to "
                 "be written anew");
        }
    }
}

std::string left_lines(const std::vector<Remark>& remarks) {
    std::string lines;
    for (const Remark& remark : remarks) {
        if (remark.statement.option.empty()) continue;
        lines += "# " + place_of(remark.statement) + ": `" + one_line(text_of(remark.statement)) +
                 "`: " + one_line(remark.reason) + "\n";
    }
    return lines.empty() ? lines
                         : "\n# What has no equivalent, or not quite the same:\n#\n" + lines;
}

std::string warning_of(const Remark& remark, const std::string& path) {
    const Statement& statement = remark.statement;
    std::string text = statement.file.empty() ? path : statement.file;
    if (!statement.option.empty()) {
        text += ":" + std::to_string(statement.line) + ": " + text_of(statement);
    } else {
        text += ": the default listener";
    }
    return one_line(text + ": " + remark.reason);
}

std::string yaml_of(Broker& broker, const Statements& statements, const std::string& path) {
    const Plan plan = make_plan(broker);
    const bool per_listener = broker.per_listener.value;
    remark_on_max_qos(broker, plan, statements);
    remark_on_mounted_rules(broker, plan, statements);
    std::string yaml =
        "# Translated from " + one_line(path) +
        " by `godwit import-mosquitto`.\n# Behind each key is the line that it comes from.\n";
    yaml += listeners_section(plan, per_listener, broker.remarks);
    yaml += section("auth", auth_keys(plan, per_listener));
    yaml += section("acl", acl_keys(plan));
    yaml += section("mqtt", mqtt_keys(broker, plan));
    yaml += section("session", session_keys(broker));
    yaml += section("retained", retained_keys(broker));
    yaml += section("persistence", persistence_keys(broker));
    yaml += section("limits", limit_keys(broker));
    yaml += section("sys_topics", sys_topics_keys(broker));
    yaml += section("log", log_keys(broker));
    return yaml + left_lines(broker.remarks);
}

std::variant<Import, Refusal> translate(const Statements& statements, const std::string& path) {
    Broker broker;
    bool any_known = statements.empty();
    for (const Statement& statement : statements)
        any_known = apply(broker, statement) || any_known;
    if (!any_known) return Refusal{path + ": none of its lines is one of a mosquitto.conf"};
    Import import{.yaml = yaml_of(broker, statements, path), .warnings = {}};
    for (const Remark& remark : broker.remarks) {
        if (remark.is_warning) import.warnings.push_back(warning_of(remark, path));
    }
    return import;
}

std::variant<Import, Refusal> translate(std::variant<Statements, Refusal> read,
                                        const std::string& path) {
    if (auto* refusal = std::get_if<Refusal>(&read)) return std::move(*refusal);
    return translate(std::get<Statements>(read), path);
}

}  // namespace

std::variant<Import, Refusal> import_file(const std::string& path) {
    return translate(read_statements(path), path);
}

std::variant<Import, Refusal> import_text(std::string_view text, const std::string& path) {
    return translate(split_statements(text, path), path);
}

}  // namespace godwit::mosquitto
