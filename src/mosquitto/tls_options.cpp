// Certificates and pre-shared keys of listeners.
#include "option.hpp"

namespace godwit::mosquitto {
namespace {

template <typename Value>
Option of_tls(std::string_view name, Said<Value> Tls::*member) {
    return of_listener(
        name, [member](Listener & l) -> auto& { return l.tls.*member; });
}

std::string set_version(Broker& broker, const Statement& statement) {
    if (statement.value == "tlsv1.1") {
        warn(broker, statement, "TLS 1.1 is not supported any more; the least is 1.2");
    } else if (statement.value != "tlsv1.2" && statement.value != "tlsv1.3") {
        return "tlsv1.3, tlsv1.2 or tlsv1.1";
    }
    return read(broker.current(statement).tls.version, statement);
}

}  // namespace

Options tls_options() {
    return {
        wakes_default(of_tls("cafile", &Tls::cafile)),
        wakes_default(of_tls("capath", &Tls::capath)),
        wakes_default(of_tls("certfile", &Tls::certfile)),
        wakes_default(of_tls("keyfile", &Tls::keyfile)),
        wakes_default(of_tls("crlfile", &Tls::crlfile)),
        wakes_default(of_tls("ciphers", &Tls::ciphers)),
        wakes_default(of_tls("ciphers_tls1.3", &Tls::ciphers_1_3)),
        wakes_default(of_tls("psk_hint", &Tls::psk_hint)),
        wakes_default(of_tls("require_certificate", &Tls::require_certificate)),
        wakes_default(of_tls("use_identity_as_username", &Tls::use_identity)),
        wakes_default(of_tls("use_subject_as_username", &Tls::use_subject)),
        of_tls("tls_keyform", &Tls::keyform),
        {"tls_version", set_version},
    };
}

}  // namespace godwit::mosquitto
