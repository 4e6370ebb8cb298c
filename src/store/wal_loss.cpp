#include <algorithm>

#include "wal_check.hpp"

namespace godwit::store {

namespace {

// The first report that is not whole, or after which the next one misses something; else the end.
std::vector<WalReport>::const_iterator first_loss(const std::vector<WalReport>& reports) {
    for (auto report = reports.begin(); report != reports.end(); ++report) {
        if (report->fault) return report;
        const auto next = std::find_if(report + 1, reports.end(),
                                       [](const WalReport& later) { return later.size != 0; });
        if (next == reports.end() || !next->follows) continue;
        const LogPosition end{report->log, report->last_sequence};
        if (*next->follows > end) return report;
    }
    return reports.end();
}

}  // namespace

std::optional<WalLoss> find_loss(const std::vector<std::filesystem::path>& files) {
    std::vector<WalReport> reports;
    for (const std::filesystem::path& file : files)
        reports.push_back(check_wal(file));
    const auto first = first_loss(reports);
    if (first == reports.end()) return std::nullopt;

    const std::filesystem::path* file = &files[first - reports.begin()];
    WalLoss loss{*file, first->intact_size(), first->size - first->intact_size(), false, {}};
    const LogPosition begin{first->log, first->last_sequence};
    bool unstamped = false;
    for (auto report = first; report != reports.end(); ++report, ++file) {
        loss.damage = loss.damage || report->synced > begin || report->unstamped_behind;
        if (report == first || report->size == 0) continue;
        unstamped = unstamped || (!report->follows && !report->fault);
        loss.later.push_back(*file);
    }
    loss.damage = loss.damage || unstamped;
    return loss;
}

}  // namespace godwit::store
