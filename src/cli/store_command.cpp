#include "store_command.hpp"

#include <fmt/format.h>

#include <exception>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "export.hpp"
#include "failure.hpp"
#include "godwit/store/maintenance.hpp"

namespace godwit::cli {

namespace {

void print(std::ostream& out, const std::vector<std::string>& lines) {
    for (const std::string& line : lines)
        out << line << '\n';
}

void print(const store::Counts& counts) {
    const std::pair<const char*, std::uint64_t> rows[] = {
        {"sessions", counts.sessions},
        {"subscriptions", counts.subscriptions},
        {"queued messages", counts.queued},
        {"incoming QoS 2 ids", counts.incoming},
        {"wills", counts.wills},
        {"retained messages", counts.retained},
        {"publications under way", counts.publications},
        {"replays", counts.replays},
    };
    for (const auto& [name, count] : rows)
        std::cout << fmt::format("{:<24}{:>12}\n", name, count);
}

int verify(const std::filesystem::path& directory) {
    const store::Findings findings = store::verify(directory);
    print(findings.good);
    if (findings.left_over > 0) {
        std::cout << fmt::format(
            "{} records belong to nothing any more; a start passes over them\n",
            findings.left_over);
    }
    print(std::cout, findings.notes);
    if (findings.problems.empty()) {
        std::cout << "undamaged\n";
        return kExitSuccess;
    }
    std::cout << fmt::format(
        "damaged; counts end where a family cannot be read on. A backup helps, or "
        "`godwit store repair --data-dir {}`, which keeps what is still readable\n",
        directory.string());
    print(std::cerr, findings.problems);
    return kExitFailure;
}

int repair(const std::filesystem::path& directory) {
    const store::Repair repair = store::repair(directory);
    if (repair.problems.empty()) {
        std::cout << "undamaged; nothing was changed\n";
        return kExitSuccess;
    }
    std::cout << "found\n";
    for (const std::string& problem : repair.problems)
        std::cout << "  " << problem << '\n';
    std::cout << "copied what was there to " << repair.copy.string() << "\n\nkept\n";
    print(repair.kept);
    std::cout << "\ndropped, beside what could not be read\n";
    for (const auto& [family, count] : repair.dropped)
        std::cout << fmt::format("{:<24}{:>12}\n", family, count);
    if (repair.dropped.empty()) std::cout << "nothing\n";
    print(std::cout, repair.notes);
    return kExitSuccess;
}

int export_all(const std::filesystem::path& directory) {
    const store::Findings findings = store::read_stored(directory, exporter(std::cout));
    print(std::cerr, findings.problems);
    return findings.problems.empty() ? kExitSuccess : kExitFailure;
}

template <typename Job>
int run(Job job, const std::filesystem::path& directory) {
    try {
        const int code = job(directory);
        std::cout << std::flush;
        return std::cout ? code : fail("the standard output cannot be written");
    } catch (const std::exception& error) {
        return fail(error.what());
    }
}

}  // namespace

int store_verify(const std::filesystem::path& directory) {
    return run(verify, directory);
}

int store_repair(const std::filesystem::path& directory) {
    return run(repair, directory);
}

int store_export(const std::filesystem::path& directory) {
    return run(export_all, directory);
}

}  // namespace godwit::cli
