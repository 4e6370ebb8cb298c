#include <string>

#include "godwit/server/log.hpp"

namespace godwit::server {
namespace {

std::string_view version_of(mqtt::ProtocolLevel level) {
    return level == mqtt::ProtocolLevel::mqtt31 ? "3.1" : "3.1.1";
}

// Left out where the text is empty.
LogField optional_text(std::string_view name, std::string_view text) {
    return text.empty() ? LogField{name, {}} : LogField{name, Quoted{text}};
}

void write_end(Log& log, std::string_view message, std::string_view client_id,
               std::string_view address, core::CloseReason reason, std::string_view detail) {
    log.info(message, {{"client_id", Quoted{client_id}},
                       {"address", address},
                       {"reason", core::to_string(reason)},
                       optional_text("detail", detail)});
}

}  // namespace

void LogEvents::client_connected(const core::Arrival& arrival, bool session_present) {
    const std::string user_name = arrival.identity.user_name.value_or("");
    log_.info("client connected", {{"client_id", Quoted{arrival.client_id}},
                                   {"address", std::string_view(arrival.origin.address)},
                                   {"keep_alive", std::uint64_t{arrival.keep_alive}},
                                   {"clean_session", arrival.clean_session},
                                   {"session_present", session_present},
                                   {"protocol", version_of(arrival.level)},
                                   optional_text("user_name", user_name)});
}

void LogEvents::client_disconnected(std::string_view client_id, std::string_view address,
                                    core::CloseReason reason, std::string_view detail) {
    write_end(log_, "client disconnected", client_id, address, reason, detail);
}

void LogEvents::connection_refused(std::string_view client_id, std::string_view address,
                                   core::CloseReason reason, std::string_view detail) {
    write_end(log_, "connection refused", client_id, address, reason, detail);
}

void LogEvents::takeovers_refused(std::string_view client_id, std::string_view holder_address,
                                  std::string_view newcomer_address) {
    log_.warning("two clients fight for one client id, newcomers are refused for a minute",
                 {{"client_id", Quoted{client_id}},
                  {"holder", holder_address},
                  {"newcomer", newcomer_address}});
}

void LogEvents::session_expired(std::string_view client_id) {
    log_.info("session expired", {{"client_id", Quoted{client_id}}});
}

void LogEvents::messages_dropped(std::string_view client_id, core::DropReason reason,
                                 std::uint64_t count) {
    log_.warning(
        "messages dropped",
        {{"client_id", Quoted{client_id}}, {"reason", core::to_string(reason)}, {"count", count}});
}

}  // namespace godwit::server
