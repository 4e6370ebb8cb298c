#include "godwit/mqtt/error.hpp"

namespace godwit::mqtt {

std::string_view to_string(Errc code) {
    switch (code) {
        case Errc::malformed_packet: return "malformed_packet";
        case Errc::protocol_violation: return "protocol_violation";
        case Errc::packet_too_large: return "packet_too_large";
        case Errc::unsupported_protocol_level: return "unsupported_protocol_level";
    }
    return "unknown";
}

}  // namespace godwit::mqtt
