#include "reload.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <vector>

#include "godwit/config/differences.hpp"

namespace godwit::server {

namespace {

std::string refuse(Log& log, const std::string& why) {
    log.error("configuration not reloaded, what was in force stays", {{"error", Quoted{why}}});
    return why;
}

// A key that is or was not there has no value.
LogField value(std::string_view name, const std::string& text) {
    return text.empty() ? LogField{name, {}} : LogField{name, std::string_view(text)};
}

void tell(Log& log, const std::vector<config::Difference>& changes) {
    for (const config::Difference& change : changes) {
        const LogFields fields = {{"key", std::string_view(change.key)},
                                  value("before", change.before),
                                  value("after", change.after)};
        if (change.at_next_start) {
            log.warning("configuration change waits for the next start", fields);
        } else {
            log.info("configuration changed", fields);
        }
    }
}

}  // namespace

std::string reload(Broker& broker, Log& log, const config::Loaded& loaded) {
    if (const auto* error = std::get_if<config::Error>(&loaded)) return refuse(log, error->message);
    const auto& config = std::get<config::Config>(loaded);
    const std::vector<config::Difference> changes = config::differences(broker.config(), config);
    const config::LogLevel talkative = std::min(broker.config().log.level, config.log.level);
    try {
        broker.enforce(config);
    } catch (const std::exception& error) {
        return refuse(log, error.what());
    }
    log.set_level(talkative);
    tell(log, changes);
    log.set_level(config.log.level);
    // Whoever asked for it sees that it is done, however little is logged.
    log.write(std::max(config::LogLevel::info, config.log.level),
              "configuration reloaded: " + broker.description());
    return "";
}

}  // namespace godwit::server
