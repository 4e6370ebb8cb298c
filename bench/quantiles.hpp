// Quantiles of measured times, for the report.
#pragma once

#include <vector>

#include "report.hpp"

namespace godwit::bench {

// Adds p50_us to max_us. The times are in microseconds, in any order.
void report_quantiles(Report& report, std::vector<float> times_us);

}  // namespace godwit::bench
