// What the clients of a simulation do in times of disorder: at random moments they publish,
// subscribe, stop reading, hang up, come back, and take over from themselves.
#pragma once

#include <memory>
#include <vector>

#include "client.hpp"

namespace godwit::simulation {

class Workload {
public:
    Workload(Stage& stage, const Plan& plan, std::vector<std::unique_ptr<Client>>& clients);

    // Every client gets its share of actions.
    void start();
    [[nodiscard]] bool done() const { return busy_ == 0; }
    // Connects a client as it likes to.
    void connect(Client& client);

private:
    struct Habit {
        unsigned clean = 0;  // percent of its connections
        Time gap{0};         // usual time between actions
        std::size_t left = 0;
        std::size_t size = 0;  // of payloads, at most
    };

    void act(std::size_t index);
    [[nodiscard]] Time gap(std::size_t index);
    void do_something(Client& client, const Habit& habit);
    void make_trouble(Client& client);
    void publish(Client& client, const Habit& habit);
    void subscribe(Client& client);
    void unsubscribe(Client& client);
    [[nodiscard]] mqtt::Qos random_qos();
    [[nodiscard]] std::string random_topic();

    Stage& stage_;
    const Plan& plan_;
    std::vector<std::unique_ptr<Client>>& clients_;
    std::vector<Habit> habits_;
    std::size_t busy_ = 0;  // clients with actions left
};

}  // namespace godwit::simulation
