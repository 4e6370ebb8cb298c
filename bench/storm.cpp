#include "storm.hpp"

#include <utility>

namespace godwit::bench {

using namespace std::chrono_literals;

Storm::Storm(Fleet& fleet, std::uint32_t clients) : fleet_(fleet) {
    fleet.spread_sources();
    fleet.set_events(*this);
    for (std::uint32_t number = 0; number < clients; ++number)
        clients_.push_back(&fleet.add_client(number));
    idle_ = clients_;
}

bool Storm::run(std::uint64_t connections) {
    const std::uint64_t until = closed_ + connections;
    std::uint64_t opened = 0;
    while (closed_ < until) {
        const std::vector<Connection*> idle = std::exchange(idle_, {});
        for (Connection* client : idle) {
            if (opened == connections) {
                idle_.push_back(client);
            } else {
                ++opened;
                fleet_.open(*client);
            }
        }
        fleet_.turn(10ms);
        if (fleet_.total(Counter::refused) != 0 || fleet_.total(Counter::lost) != 0 ||
            Clock::now() > fleet_.deadline()) {
            return false;
        }
        close_leftovers();
    }
    return true;
}

void Storm::on_closed(Connection& connection) {
    ++closed_;
    connection.loop().count(Counter::delivered);
    idle_.push_back(&connection);
}

// A broker that leaves the closing to us costs a second and is counted. [MQTT-3.14.4-3]
void Storm::close_leftovers() {
    const TimePoint now = Clock::now();
    if (now - looked_ < 200ms) return;
    looked_ = now;
    for (Connection* client : clients_) {
        if (!client->is_open() || !client->is_leaving()) continue;
        if (now - client->disconnected_at() < 1s) continue;
        ++closed_by_us_;
        client->drop();
    }
}

}  // namespace godwit::bench
