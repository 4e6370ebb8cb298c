// What GET /metrics answers: the totals in the text format that Prometheus scrapes. Every series is
// there from the start, so that a rate over its first event is right.
#pragma once

#include <string>
#include <string_view>

#include "godwit/admin/totals.hpp"

namespace godwit::admin {

inline constexpr std::string_view kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

// Any thread.
[[nodiscard]] std::string metrics_text(const Totals& totals, std::string_view version);

}  // namespace godwit::admin
