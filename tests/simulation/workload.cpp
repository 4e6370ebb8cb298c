#include "workload.hpp"

namespace godwit::simulation {

using namespace std::chrono_literals;

Workload::Workload(Stage& stage, const Plan& plan, std::vector<std::unique_ptr<Client>>& clients)
    : stage_(stage), plan_(plan), clients_(clients) {
    Chance& chance = stage.chance;
    for (std::size_t i = 0; i < plan.clients; ++i) {
        Habit habit;
        habit.clean = chance.one_of<unsigned>({0, 0, 10, 50, 100});
        habit.gap = chance.one_of<Time>({200us, 3ms, 50ms});
        habit.size = chance.one_of<std::size_t>({0, 20, 200});
        if (plan.firm) habit.clean = 0;
        // Of a publisher that is held 64 KiB are read, and its acknowledgements must be among them:
        // clients that hold each other with more than that would do so for ever.
        const bool holds = plan.settings.session.overflow == core::Overflow::hold;
        if (chance.percent(5) && !holds) habit.size = 6000;
        habits_.push_back(habit);
    }
}

void Workload::start() {
    for (std::size_t i = 0; i < clients_.size(); ++i) {
        habits_[i].left = plan_.actions;
        ++busy_;
        stage_.after(gap(i), [this, i] { act(i); });
    }
}

Time Workload::gap(std::size_t index) {
    // Now and then a client is away, or silent, for long.
    if (stage_.chance.percent(2)) {
        const Time away = stage_.chance.one_of<Time>({1s, 5s, 15s, 70s, 3h});
        // Three hours of retries are only more of the same.
        return plan_.settings.session.retry_interval.count() == 0 ? away
                                                                  : std::min<Time>(away, 70s);
    }
    return stage_.chance.delay(habits_[index].gap * 2);
}

void Workload::act(std::size_t index) {
    const Client& client = *clients_[index];
    if (!client.open() && client.waits()) {
        stage_.at(client.tries_again(), [this, index] { act(index); });
        return;
    }
    do_something(*clients_[index], habits_[index]);
    if (--habits_[index].left == 0) {
        --busy_;
    } else {
        stage_.after(gap(index), [this, index] { act(index); });
    }
}

void Workload::do_something(Client& client, const Habit& habit) {
    if (!client.open()) return connect(client);
    if (plan_.wall_jumps && stage_.chance.percent(2)) {
        stage_.jump_wall_clock(stage_.chance.one_of<std::chrono::seconds>({-2h, -5s, 5s, 2h}));
    }
    if (stage_.chance.percent(plan_.trouble)) return make_trouble(client);
    if (!client.connected()) return;
    const std::size_t dice = stage_.chance.below(100);
    if (dice < 20) return subscribe(client);
    if (dice < 25) return unsubscribe(client);
    if (dice < 28) return client.ping();
    if (dice < 31 && plan_.trouble != 0) return client.disconnect();
    const std::size_t burst = stage_.chance.percent(15) ? stage_.chance.between(2, 12) : 1;
    for (std::size_t i = 0; i < burst; ++i)
        publish(client, habit);
}

void Workload::connect(Client& client) {
    const Habit& habit = habits_[client.index()];
    std::optional<Client::WillWish> will;
    if (stage_.chance.percent(40)) {
        will.emplace();
        will->topic = stage_.chance.pick(plan_.topics);
        will->qos = random_qos();
        will->retain = stage_.chance.percent(20);
    }
    const bool clean = stage_.chance.percent(habit.clean);
    client.connect(clean, will);
    // Some do not wait for the CONNACK.
    if (clean && stage_.chance.percent(30)) subscribe(client);
    if (clean && stage_.chance.percent(30)) publish(client, habit);
}

void Workload::make_trouble(Client& client) {
    Chance& chance = stage_.chance;
    switch (chance.below(7)) {
        case 0: return client.cut(core::CloseReason::network_error, chance.time(0us, 20ms));
        case 1: return client.cut(core::CloseReason::keep_alive, chance.time(0us, 20s));
        case 2: return client.disconnect();
        case 3: return connect(client);  // a takeover
        case 4: {
            client.read(false);
            const std::size_t index = client.index();
            stage_.after(chance.delay(100ms), [this, index] { clients_[index]->read(true); });
            return;
        }
        case 5: return client.acknowledge(false);
        default: return client.acknowledge(true);
    }
}

void Workload::publish(Client& client, const Habit& habit) {
    const mqtt::Qos qos = random_qos();
    if (!client.may_publish(qos)) return;
    std::string topic = random_topic();
    const bool retain = stage_.chance.percent(20);
    std::size_t size = stage_.chance.below(habit.size + 1);
    if (retain && stage_.chance.percent(80)) size = std::max<std::size_t>(size, 1);
    client.publish(topic, qos, retain, size);
}

void Workload::subscribe(Client& client) {
    std::vector<SubscribeWish> wishes;
    do {
        const std::string& filter = stage_.chance.pick(plan_.filters);
        const std::size_t lowest = plan_.firm ? 1 : 0;
        wishes.push_back({filter, static_cast<mqtt::Qos>(stage_.chance.between(lowest, 2))});
    } while (stage_.chance.percent(40));
    client.subscribe(wishes);
}

void Workload::unsubscribe(Client& client) {
    std::vector<std::string> filters;
    do {
        filters.push_back(stage_.chance.pick(plan_.filters));
    } while (stage_.chance.percent(30));
    client.unsubscribe(filters);
}

mqtt::Qos Workload::random_qos() {
    const auto qos = static_cast<mqtt::Qos>(stage_.chance.below(3));
    return std::min(qos, plan_.settings.mqtt.max_qos);
}

std::string Workload::random_topic() {
    const std::string& topic = stage_.chance.pick(plan_.topics);
    if (stage_.chance.percent(8)) return "$local/" + topic;
    if (stage_.chance.percent(2)) return "$share/g/" + topic;
    return topic;
}

}  // namespace godwit::simulation
