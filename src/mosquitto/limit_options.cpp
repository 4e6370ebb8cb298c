// How much of everything, and what is kept for how long.
#include "option.hpp"

namespace godwit::mosquitto {
namespace {

constexpr std::string_view kExpirationUnits = "hdwmy";

std::string set_expiration(Broker& broker, const Statement& statement) {
    const std::size_t digits = statement.value.find_first_not_of("0123456789");
    const bool is_valid = digits != 0 && digits != std::string::npos && digits <= 9 &&
                          digits + 1 == statement.value.size() &&
                          kExpirationUnits.find(statement.value.back()) != std::string::npos;
    if (!is_valid) return "a number with h, d, w, m or y behind it";
    return read(broker.persistent_client_expiration, statement);
}

}  // namespace

Options limit_options() {
    return {
        global("max_inflight_messages", &Broker::max_inflight_messages),
        global("max_queued_messages", &Broker::max_queued_messages),
        global("max_queued_bytes", &Broker::max_queued_bytes),
        global("queue_qos0_messages", &Broker::queue_qos0_messages),
        {"persistent_client_expiration", set_expiration},
        global("max_packet_size", &Broker::max_packet_size),
        global("message_size_limit", &Broker::message_size_limit),
        global("memory_limit", &Broker::memory_limit),
        global("retain_available", &Broker::retain_available),
        global("persistence", &Broker::persistence),
        global("sys_interval", &Broker::sys_interval),
    };
}

}  // namespace godwit::mosquitto
