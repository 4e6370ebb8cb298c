// Runs simulations by seed, each twice: the same seed must take the same course.
//
//     simulation --seeds N [--first S]     seeds S (1) and the N - 1 after it
//     simulation --seed S [--trace]        one, with every line of its trace
//     simulation --hours H [--first S]     as many as the time allows
//
// --until-failure: no more seeds after the first that fails.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "world.hpp"

namespace godwit::simulation {
namespace {

struct Options {
    std::uint64_t first = 1;
    std::uint64_t seeds = 0;  // 0: by time
    double hours = 0;
    bool trace = false;
    bool until_failure = false;
};

struct Course {
    std::optional<std::string> broken;
    std::uint64_t hash = 0;
    World::Course through;
};

// For whoever sees an assertion of the core fail.
std::uint64_t current_seed = 0;
const Trace* current_trace = nullptr;

void print_failure(std::uint64_t seed, const Trace& trace, std::string_view what) {
    std::printf("seed %llu FAILED: %.*s\n", static_cast<unsigned long long>(seed),
                static_cast<int>(what.size()), what.data());
    std::printf("  the last of %llu lines:\n", static_cast<unsigned long long>(trace.lines()));
    for (const std::string& line : trace.last())
        std::printf("  %s\n", line.c_str());
    std::printf("  replay: simulation --seed %llu --trace\n",
                static_cast<unsigned long long>(seed));
    std::fflush(stdout);
}

extern "C" void on_abort(int) {
    if (current_trace != nullptr) {
        print_failure(current_seed, *current_trace, "an assertion failed, see above");
    }
    std::signal(SIGABRT, SIG_DFL);
}

Course run_once(std::uint64_t seed, bool print, bool quiet) {
    Trace trace(print ? Trace::Print::everything : Trace::Print::nothing);
    current_seed = seed;
    current_trace = &trace;
    Course course;
    {
        World world(seed, trace);
        try {
            world.run();
        } catch (const Broken& broken) {
            course.broken = broken.what();
            if (!quiet) print_failure(seed, trace, broken.what());
        }
        course.hash = trace.hash();
        course.through = world.course();
    }
    current_trace = nullptr;
    return course;
}

void add(World::Course& sum, const World::Course& one) {
    sum.steps += one.steps;
    sum.crashes += one.crashes;
    sum.crashes_in_fault += one.crashes_in_fault;
    sum.faults += one.faults;
}

bool run_seed(std::uint64_t seed, bool trace, World::Course& sum) {
    const Course first = run_once(seed, trace, false);
    const Course second = run_once(seed, false, true);
    add(sum, first.through);
    add(sum, second.through);
    if (first.hash != second.hash) {
        std::printf("seed %llu FAILED: its second run took another course\n",
                    static_cast<unsigned long long>(seed));
        return false;
    }
    return !first.broken;
}

std::optional<Options> read_options(int count, char** arguments) {
    Options options;
    for (int i = 1; i < count; ++i) {
        const std::string_view name = arguments[i];
        if (name == "--trace") {
            options.trace = true;
            continue;
        }
        if (name == "--until-failure") {
            options.until_failure = true;
            continue;
        }
        if (++i == count) return std::nullopt;
        if (name == "--seeds") {
            options.seeds = std::strtoull(arguments[i], nullptr, 10);
        } else if (name == "--first") {
            options.first = std::strtoull(arguments[i], nullptr, 10);
        } else if (name == "--seed") {
            options.first = std::strtoull(arguments[i], nullptr, 10);
            options.seeds = 1;
        } else if (name == "--hours") {
            options.hours = std::strtod(arguments[i], nullptr);
        } else {
            return std::nullopt;
        }
    }
    if (options.seeds == 0 && options.hours <= 0) return std::nullopt;
    return options;
}

int run(const Options& options) {
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    const auto until = start + std::chrono::duration<double, std::ratio<3600>>(options.hours);
    std::uint64_t passed = 0;
    std::uint64_t failed = 0;
    World::Course sum;
    for (std::uint64_t seed = options.first;; ++seed) {
        const bool more =
            options.seeds != 0 ? seed - options.first < options.seeds : Clock::now() < until;
        if (!more || (options.until_failure && failed != 0)) break;
        ++(run_seed(seed, options.trace, sum) ? passed : failed);
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    std::printf("%llu steps, %llu store faults, %llu crashes (%llu during a fault) in %.1f s\n",
                static_cast<unsigned long long>(sum.steps),
                static_cast<unsigned long long>(sum.faults),
                static_cast<unsigned long long>(sum.crashes),
                static_cast<unsigned long long>(sum.crashes_in_fault), seconds);
    std::printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(passed),
                static_cast<unsigned long long>(failed));
    return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace godwit::simulation

int main(int count, char** arguments) {
    using namespace godwit::simulation;
    const auto options = read_options(count, arguments);
    if (!options) {
        std::fputs("usage: simulation --seeds N [--first S] | --seed S [--trace] | --hours H\n",
                   stderr);
        return 2;
    }
    std::signal(SIGABRT, on_abort);
    return run(*options);
}
