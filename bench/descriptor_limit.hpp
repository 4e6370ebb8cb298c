// One descriptor a connection, of many connections.
#pragma once

namespace godwit::bench {

// To as many descriptors as the system lets us have; what is missing shows when connecting.
void raise_descriptor_limit();

}  // namespace godwit::bench
