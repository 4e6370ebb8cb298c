// Login: many users with a password each connect for the first time, then the same ones again and
// again, which a broker that remembers what it has checked may do for less.
#include <array>

#include "failure.hpp"
#include "scenario.hpp"

namespace godwit::bench {
namespace {

constexpr std::array kOptions = {
    OptionSpec{"users", OptionKind::whole, "200", "users; --user and --password name them by %n", 1,
               20'000},
    OptionSpec{"again", OptionKind::whole, "20", "times that each of them comes again", 1, 10'000},
};

class Logins {
public:
    explicit Logins(const Run& run) : run_(run) {
        if (run.options.text("user").empty()) fail(ExitCode::usage, "login: --user is needed");
        run.fleet.spread_sources();
        run.fleet.set_events(ignore_all_);
        for (std::uint32_t number = 0; number < run.options.whole("users"); ++number)
            users_.push_back(&run.fleet.add_client(number));
    }

    Outcome execute() {
        const std::uint32_t again = run_.options.whole("again");
        measure("first_", 1);
        measure("again_", again);
        run_.report.add_count("users", users_.size());
        return {true, users_.size() * (1 + std::uint64_t{again})};
    }

private:
    void measure(std::string_view prefix, std::uint32_t rounds) {
        const Usage before = run_.stats.read();
        for (std::uint32_t round = 0; round < rounds; ++round) {
            run_.fleet.connect_all(users_);
            run_.fleet.disconnect_all(users_);
            users_.front()->loop().count(Counter::delivered, users_.size());
        }
        report_window(run_, prefix, before, run_.stats.read(), users_.size() * rounds);
    }

    const Run& run_;
    ConnectionEvents ignore_all_;
    std::vector<Connection*> users_;
};

Outcome run_logins(const Run& run) {
    return Logins(run).execute();
}

}  // namespace

const Scenario kLogin = {"login", "users with passwords, for the first time and again", kOptions,
                         run_logins};

}  // namespace godwit::bench
