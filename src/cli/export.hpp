// Stored records as JSON, one object a line.
#pragma once

#include <iosfwd>

#include "godwit/store/maintenance.hpp"

namespace godwit::cli {

// Writes a line for each record it is shown. `out` must outlive it.
[[nodiscard]] store::Visitor exporter(std::ostream& out);

}  // namespace godwit::cli
