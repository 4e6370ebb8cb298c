// What all shards and loops of a broker have counted, added up. Any thread: it reads, and asks
// nobody.
#pragma once

#include "broker.hpp"
#include "godwit/admin/totals.hpp"

namespace godwit::server {

[[nodiscard]] admin::Totals totals_of(const Broker& broker);

}  // namespace godwit::server
