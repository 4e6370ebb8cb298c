#include "quantiles.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace godwit::bench {
namespace {

double quantile(const std::vector<float>& sorted, double share) {
    if (sorted.empty()) return 0;
    const auto rank =
        static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
    return static_cast<double>(sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1]);
}

}  // namespace

void report_quantiles(Report& report, std::vector<float> times_us) {
    std::sort(times_us.begin(), times_us.end());
    report.add_figure("p50_us", quantile(times_us, 0.5), 1);
    report.add_figure("p90_us", quantile(times_us, 0.9), 1);
    report.add_figure("p99_us", quantile(times_us, 0.99), 1);
    report.add_figure("p999_us", quantile(times_us, 0.999), 1);
    report.add_figure("max_us", quantile(times_us, 1), 1);
}

}  // namespace godwit::bench
