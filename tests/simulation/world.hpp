// A whole simulation: a broker, its clients, and rounds of disorder with a rest behind each, at
// which nothing may be missing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "broker.hpp"
#include "client.hpp"
#include "model.hpp"
#include "plan.hpp"
#include "stage.hpp"
#include "workload.hpp"

namespace godwit::simulation {

class World {
public:
    World(std::uint64_t seed, Trace& trace);

    // Throws Broken.
    void run();
    // What it has gone through so far.
    struct Course {
        std::uint64_t steps = 0;
        std::uint64_t crashes = 0;
        std::uint64_t crashes_in_fault = 0;  // of these
        std::uint64_t faults = 0;            // of the disk
    };
    [[nodiscard]] Course course() const;

private:
    void disorder();
    void begin_fault();
    void crash();
    void come_to_rest();
    [[nodiscard]] bool at_rest() const;
    [[nodiscard]] std::string who_is_restless() const;
    void probe_topics();
    void probe_groups();
    void probe_group(const std::string& key, const std::string& topic,
                     const std::vector<std::size_t>& members);
    void probe_retained();
    void probe_fault();
    void wait_until_failing();
    void stop();

    Stage stage_;
    const Plan plan_;
    Model model_;
    Broker broker_;
    std::vector<std::unique_ptr<Client>> clients_;  // before the broker goes: they hold its chunks
    Workload workload_;
    Course course_;  // but for the steps
};

}  // namespace godwit::simulation
