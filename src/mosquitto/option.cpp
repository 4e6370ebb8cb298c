#include "option.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <system_error>

namespace godwit::mosquitto {

namespace {

void remark(Broker& broker, const Statement& statement, std::string reason, bool is_warning) {
    broker.remarks.push_back({statement, std::move(reason), is_warning});
}

bool is_called(const Option& option, std::string_view name) {
    if (!option.name.ends_with('*')) return option.name == name;
    return name.starts_with(option.name.substr(0, option.name.size() - 1));
}

}  // namespace

const Options& options() {
    static const Options kOptions = [] {
        Options all;
        for (auto* part : {listener_options, tls_options, access_options, limit_options,
                           log_options, untranslated_options}) {
            Options some = part();
            std::move(some.begin(), some.end(), std::back_inserter(all));
        }
        return all;
    }();
    return kOptions;
}

const Option* find_option(std::string_view name) {
    const auto found = std::find_if(options().begin(), options().end(),
                                    [name](const Option& o) { return is_called(o, name); });
    return found == options().end() ? nullptr : &*found;
}

std::string origin_of(const Statement& statement) {
    return place_of(statement) + ": " + text_of(statement);
}

void note(Broker& broker, const Statement& statement, std::string reason) {
    remark(broker, statement, std::move(reason), false);
}

void warn(Broker& broker, const Statement& statement, std::string reason) {
    remark(broker, statement, std::move(reason), true);
}

std::string read(Said<bool>& target, const Statement& statement) {
    const bool is_true = statement.value == "true" || statement.value == "1";
    if (!is_true && statement.value != "false" && statement.value != "0") return "true or false";
    target = {is_true, origin_of(statement)};
    return {};
}

std::string read(Said<std::int64_t>& target, const Statement& statement) {
    std::int64_t number = 0;
    const char* const end = statement.value.data() + statement.value.size();
    const auto [rest, error] = std::from_chars(statement.value.data(), end, number);
    if (error != std::errc{} || rest != end) return "a whole number";
    target = {number, origin_of(statement)};
    return {};
}

std::string read(Said<std::string>& target, const Statement& statement) {
    if (statement.value.empty()) return "a value";
    target = {statement.value, origin_of(statement)};
    return {};
}

Option wakes_default(Option option) {
    auto apply = [inner = std::move(option.apply)](Broker& broker, const Statement& statement) {
        if (&broker.current(statement) == &broker.default_listener) broker.default_is_wanted = true;
        return inner(broker, statement);
    };
    return {option.name, std::move(apply)};
}

}  // namespace godwit::mosquitto
