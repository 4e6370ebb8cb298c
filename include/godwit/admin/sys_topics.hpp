// $SYS/broker/...: the state of the broker as retained messages, with mosquitto's names and formats,
// so that what watches mosquitto watches Godwit. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/admin/totals.hpp"
#include "godwit/core/time.hpp"

namespace godwit::admin {

struct SysTopic {
    std::string topic;
    std::string payload;  // empty: the topic has no value any more

    friend bool operator==(const SysTopic&, const SysTopic&) = default;
};

// What happened a minute, averaged over the last 1, 5 and 15 minutes: what is older counts
// exponentially less. Before the first count there was nothing.
class LoadAverage {
public:
    static constexpr std::array<std::chrono::minutes, 3> kWindows = {
        std::chrono::minutes{1}, std::chrono::minutes{5}, std::chrono::minutes{15}};

    // `total`: since the start of the process. REQUIRES: elapsed > 0, since the last count.
    void count(std::uint64_t total, core::Duration elapsed);
    [[nodiscard]] const std::array<double, 3>& averages() const { return averages_; }

private:
    std::uint64_t total_ = 0;
    std::array<double, 3> averages_{};
};

class SysTopics {
public:
    explicit SysTopics(std::string_view version);

    // What is new or has changed since the last call. `uptime` of the process, which grows.
    [[nodiscard]] std::vector<SysTopic> changes(const Totals& totals, core::Duration uptime);
    // Takes everything back; the next changes() are all of them.
    [[nodiscard]] std::vector<SysTopic> withdraw();

private:
    void count_loads(const Totals& totals, core::Duration uptime);
    void set(std::string_view name, std::string payload);
    void set(std::string_view name, std::uint64_t value);

    const std::string version_;
    std::map<std::string, std::string, std::less<>> known_;  // by topic
    std::vector<SysTopic> changes_;
    std::uint64_t clients_maximum_ = 0;
    core::Duration counted_at_{};
    std::map<std::string_view, LoadAverage> loads_;  // by name
};

}  // namespace godwit::admin
