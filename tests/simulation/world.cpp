#include "world.hpp"

#include <algorithm>
#include <map>

#include "audit.hpp"
#include "godwit/mqtt/topic.hpp"

namespace godwit::simulation {

using namespace std::chrono_literals;

World::World(std::uint64_t seed, Trace& trace)
    : stage_(seed, trace),
      plan_(make_plan(stage_.chance)),
      model_(stage_, plan_),
      broker_(stage_, plan_, model_),
      workload_(stage_, plan_, clients_) {
    stage_.say(to_text(plan_));
    model_.set_disk(broker_.disk());
    for (std::size_t i = 0; i < plan_.clients; ++i) {
        clients_.push_back(std::make_unique<Client>(stage_, broker_, model_, i));
    }
}

void World::run() {
    for (std::size_t round = 0; round < plan_.rounds; ++round) {
        disorder();
        stage_.say("--- rest");
        come_to_rest();
        probe_topics();
        audit(broker_, model_);
    }
    probe_groups();
    probe_retained();
    probe_fault();
    audit(broker_, model_);
    stop();
}

World::Course World::course() const {
    Course course = course_;
    course.steps = stage_.steps();
    return course;
}

void World::disorder() {
    stage_.say("--- disorder");
    workload_.start();
    unsigned crashes = plan_.crashes;
    unsigned faults = plan_.faults;
    unsigned squeezes = plan_.squeezes;
    const auto gap = [this] { return stage_.chance.between(20, 1000); };  // steps
    std::size_t until_crash = gap();
    std::size_t until_fault = gap();
    std::size_t until_squeeze = gap();
    while (!workload_.done()) {
        stage_.step();
        if (faults != 0 && --until_fault == 0) {
            --faults;
            until_fault = gap();
            begin_fault();
            // Some die of what ails them.
            if (stage_.chance.percent(30)) until_crash = stage_.chance.between(1, 200);
        }
        if (squeezes != 0 && --until_squeeze == 0) {
            --squeezes;
            until_squeeze = gap();
            broker_.squeeze(stage_.chance.one_of<Time>({5ms, 500ms, 3s}));
        }
        if (crashes == 0 || --until_crash != 0) continue;
        --crashes;
        until_crash = gap();
        crash();
    }
}

void World::begin_fault() {
    ++course_.faults;
    const auto fault = stage_.chance.percent(75) ? Broker::Fault::error : Broker::Fault::slow;
    broker_.begin_fault(fault, stage_.chance.one_of<Time>({5ms, 50ms, 500ms, 3s}));
}

// As by kill -9, between any two events: of the commits under way some are on the disk.
void World::crash() {
    stage_.say("--- crash");
    ++course_.crashes;
    if (broker_.in_fault()) ++course_.crashes_in_fault;
    for (const auto& client : clients_)
        client->broker_died();
    broker_.crash();
    model_.crashed(broker_.fault_ends());
    broker_.restart();
    while (!broker_.ready()) {
        if (!stage_.step()) throw Broken("the broker does not come back");
    }
    audit_places(broker_);
    model_.restarted();
    broker_.open();
}

// Everybody connects, reads and acknowledges. However entangled things are, they come to an end.
void World::come_to_rest() {
    const Time last = stage_.time() + 12h;  // for whatever has a timer
    Time limit = stage_.time() + 50s;
    for (const auto& client : clients_) {
        client->read(true);
        client->acknowledge(true);
    }
    for (std::size_t i = 0; i % 8 != 0 || !at_rest(); ++i) {
        for (const auto& client : clients_) {
            if (!client->open() && !client->waits()) workload_.connect(*client);
        }
        const Time before = stage_.time();
        const bool stepped = stage_.step();
        // All was quiet but for a timer, which may give something to do.
        if (stage_.time() > before + 10s) limit = std::max(limit, stage_.time() + 10s);
        const bool moves = stepped && stage_.time() < std::min(limit, last);
        if (!moves && at_rest()) break;
        if (!moves) {
            throw Broken("no rest is found: " + who_is_restless());
        }
    }
    model_.check_rest(broker_);
}

bool World::at_rest() const {
    return std::all_of(clients_.begin(), clients_.end(),
                       [](const auto& client) { return client->at_rest(); }) &&
           broker_.at_rest() && broker_.sum(&core::Counters::queued_messages) == 0 &&
           broker_.sum(&core::Counters::inflight_messages) == 0;
}

std::string World::who_is_restless() const {
    std::string who = cat("queued ", broker_.sum(&core::Counters::queued_messages), ", in flight ",
                          broker_.sum(&core::Counters::inflight_messages));
    if (!broker_.at_rest()) who += ", " + broker_.restless();
    for (const auto& client : clients_) {
        if (!client->at_rest()) who += ", " + client->restless();
    }
    return who;
}

// In peace even QoS 0 arrives, where no buffer is too small.
void World::probe_topics() {
    const std::size_t buffer = plan_.settings.limits.outbound_buffer;
    const bool queues = plan_.settings.session.queue_qos0 && plan_.bounded();
    const bool roomy = (buffer == 0 || buffer > 100'000) && plan_.inbox_credit > 100'000 && !queues;
    Client& publisher = *clients_[stage_.chance.below(clients_.size())];
    for (const std::string& topic : plan_.topics) {
        for (const mqtt::Qos qos :
             {mqtt::Qos::at_most_once, mqtt::Qos::at_least_once, mqtt::Qos::exactly_once}) {
            if (qos > plan_.settings.mqtt.max_qos || !publisher.may_publish(qos)) continue;
            publisher.publish(topic, qos, false, 10, roomy);
        }
    }
    come_to_rest();
}

// How a group's strategy spreads messages, where nothing else gets them.
void World::probe_groups() {
    if (plan_.settings.mqtt.max_qos == mqtt::Qos::at_most_once) return;
    const Time now = stage_.time();
    for (const std::string& topic : {std::string("w/1"), std::string("w/2")}) {
        std::map<std::string, std::vector<std::size_t>> groups;
        bool plain = true;
        for (const auto& client : clients_) {
            const Subscriptions& subscriptions = model_.subscriptions(client->index());
            plain = plain && !subscriptions.may_match(topic, "", now, now);
            for (const std::string& key : subscriptions.groups(topic, now, now)) {
                groups[key].push_back(client->index());
                const auto match = subscriptions.match(topic, key, now, now);
                plain = plain && match.certain && match.lowest != mqtt::Qos::at_most_once;
            }
        }
        if (!plain || groups.size() != 1) continue;
        probe_group(groups.begin()->first, topic, groups.begin()->second);
    }
}

void World::probe_group(const std::string& key, const std::string& topic,
                        const std::vector<std::size_t>& members) {
    constexpr unsigned kTimes = 3;
    std::map<std::size_t, unsigned> got;
    for (std::size_t i = 0; i < kTimes * members.size(); ++i) {
        const Message& message = clients_[0]->publish(topic, mqtt::Qos::at_least_once, false, 10);
        come_to_rest();
        for (const auto& [client, copies] : message.copies)
            got[client] += copies.fresh_ones();
    }
    const auto& settings = plan_.settings.shared_subscriptions;
    const auto own = settings.groups.find("h");
    const bool is_h = key.find("share:h:") != std::string::npos;
    const auto strategy = is_h && own != settings.groups.end() ? own->second : settings.strategy;
    if (strategy == core::ShareStrategy::round_robin) {
        for (const std::size_t member : members) {
            if (got[member] == kTimes) continue;
            throw Broken(cat("round robin of ", key, " gave c", member, " ", got[member], " of ",
                             kTimes * members.size(), " messages for ", members.size()));
        }
    }
    const bool one_member = strategy == core::ShareStrategy::sticky ||
                            strategy == core::ShareStrategy::hash_topic ||
                            strategy == core::ShareStrategy::hash_client_id;
    if (one_member && got.size() != 1) throw Broken("more than one member where one is meant");
}

// Somebody new sees every topic's last value, and none that is gone.
void World::probe_retained() {
    clients_[0]->subscribe({{"#", mqtt::Qos::exactly_once}, {"$x/#", mqtt::Qos::exactly_once}});
    come_to_rest();
}

// In peace: while the store fails, what needs it is refused or waits, and all else goes on.
void World::probe_fault() {
    if (!plan_.durable || !stage_.chance.percent(40)) return;
    stage_.say("--- fault");
    ++course_.faults;
    broker_.begin_fault(Broker::Fault::error, 20s);
    const mqtt::Qos qos = std::min(plan_.settings.mqtt.max_qos, mqtt::Qos::at_least_once);
    const Message& waits = clients_[0]->publish(plan_.topics[0], qos, true, 10);
    wait_until_failing();

    const std::string topic = "$fault";  // matched by none of the plan's filters
    std::vector<const Message*> messages;
    for (const auto& client : clients_) {
        if (client->index() == 0) continue;  // Its acknowledgements wait behind the first.
        client->subscribe({{topic, plan_.settings.mqtt.max_qos}});
        if (!model_.session(client->index()).clean) continue;
        for (const mqtt::Qos each : {mqtt::Qos::at_least_once, mqtt::Qos::exactly_once}) {
            if (each <= plan_.settings.mqtt.max_qos)
                messages.push_back(&client->publish(topic, each, false, 10));
        }
    }
    const Time until = stage_.time() + 10s;
    stage_.at(until, [] {});
    while (stage_.time() < until)
        stage_.step();
    if (waits.acked != kNever) throw Broken("a retained message was acknowledged in a fault");
    for (const auto& client : clients_) {
        if (client->awaits_suback()) throw Broken(client->id() + " gets no SUBACK in a fault");
    }
    for (const Message* message : messages) {
        if (message->acked == kNever)
            throw Broken(cat("m", message->number, " needs no store, and waits for it"));
    }
    for (const auto& client : clients_)
        workload_.connect(*client);
    come_to_rest();
}

void World::wait_until_failing() {
    const Time limit = stage_.time() + 10s;
    const auto failing = [this] {
        for (std::size_t i = 0; i < broker_.shards(); ++i) {
            if (!broker_.failing(static_cast<core::ShardIndex>(i))) return false;
        }
        return true;
    };
    while (!failing()) {
        if (!stage_.step() || stage_.time() > limit)
            throw Broken("nothing is written where something is to be stored");
    }
}

void World::stop() {
    stage_.say("--- stop");
    model_.stopping();
    broker_.stop();
    const Time limit = stage_.time() + 50s;
    while (!broker_.at_rest()) {
        if (!stage_.step() || stage_.time() > limit)
            throw Broken("a stopped broker is not settled");
    }
}

}  // namespace godwit::simulation
