#include "plan.hpp"

#include "stage.hpp"

namespace godwit::simulation {

using namespace std::chrono_literals;
using core::Duration;

namespace {

void set_session(core::SessionSettings& session, Chance& chance) {
    session.expiry = chance.one_of<Duration>({2h, 2h, 10s, 0s});
    session.max_inflight = chance.one_of<std::size_t>({1, 2, 3, 8, 32});
    session.max_awaiting_rel = chance.one_of<std::size_t>({2, 5, 100});
    session.max_queued_messages = chance.one_of<std::size_t>({0, 0, 1, 3, 10, 10'000});
    session.max_queued_bytes = chance.one_of<std::size_t>({0, 0, 100, 1000, 16UL << 20});
    session.queue_qos0 = chance.percent(30);
    session.overflow = chance.one_of(
        {core::Overflow::drop_oldest, core::Overflow::drop_newest, core::Overflow::hold});
    if (chance.percent(15)) session.retry_interval = chance.one_of<Duration>({300ms, 5s});
}

constexpr auto kStrategies = {
    core::ShareStrategy::round_robin, core::ShareStrategy::random,
    core::ShareStrategy::sticky,      core::ShareStrategy::hash_client_id,
    core::ShareStrategy::hash_topic,  core::ShareStrategy::least_inflight,
};

// A group topic "w/..." is matched by few ordinary filters, so that what a group got is plain.
const std::vector<std::string> kTopics = {"a",  "a/b",  "a/b/c", "a/c", "b",   "b/x",
                                          "/a", "a//b", "w/1",   "w/2", "$x/y"};
const std::vector<std::string> kFilters = {
    "a",    "a/b",  "a/b/c", "a/#",        "a/+",        "+/b",      "+/+/c",
    "b",    "b/#",  "+",     "#",          "/+",         "a//b",     "a/+/b",
    "$x/#", "$x/y", "b/x",   "$local/a/b", "$local/a/#", "$local/+", "$local/$x/y",
};
const std::vector<std::string> kSharedFilters = {
    "$share/g/w/1",      "$share/g/w/+",        "$share/h/w/#",        "$queue/w/1",
    "$queue/w/2",        "$local/$share/g/w/1", "$share/g/$local/w/2", "$queue/$local/w/+",
    "$local/$queue/w/1", "$share/g/a/#",
};
const std::vector<std::string> kBadFilters = {
    "a/#/b",   "a+",      "$share//a", "$share/g",        "$share/g+/a",
    "$queue/", "$local/", "#/",        "$local/$local/a", "$share/g/$share/g/a",
};

}  // namespace

Plan make_plan(Chance& chance) {
    Plan plan;
    set_session(plan.settings.session, chance);
    plan.settings.shared_subscriptions.strategy =
        chance.percent(50) ? core::ShareStrategy::round_robin : chance.one_of(kStrategies);
    if (chance.percent(20))
        plan.settings.shared_subscriptions.groups["h"] = chance.one_of(kStrategies);
    plan.settings.limits.outbound_buffer =
        chance.one_of<std::size_t>({0, 1UL << 20, 1UL << 20, 300, 40});
    if (chance.percent(10))
        plan.settings.mqtt.max_qos = chance.one_of({mqtt::Qos{0}, mqtt::Qos{1}});
    if (chance.percent(15)) plan.settings.limits.publish_rate = chance.one_of<std::size_t>({5, 50});
    if (chance.percent(10)) plan.settings.limits.publish_bytes_rate = 20'000;
    if (chance.percent(20)) plan.settings.retained.expiry = chance.one_of<Duration>({2s, 1h});
    plan.wall_jumps = chance.percent(20);

    plan.shards = chance.between(1, 4);
    plan.durable = chance.percent(60);
    if (plan.durable) plan.crashes = chance.one_of<unsigned>({0, 1, 1, 4});
    plan.queue_window = chance.one_of<std::size_t>({0, 100, 400, 1'000'000});
    if (plan.durable) plan.faults = chance.one_of<unsigned>({0, 0, 1, 4});
    plan.squeezes = chance.one_of<unsigned>({0, 0, 0, 1, 3});
    plan.linger = chance.one_of<Duration>({0ms, 2ms, 20ms});
    plan.commit_delay = chance.one_of<Time>({50us, 2ms, 30ms});
    plan.mail_delay = chance.one_of<Time>({10us, 300us, 5ms});
    plan.link_delay = chance.one_of<Time>({50us, 1ms, 20ms});
    plan.inbox_credit = chance.one_of<std::size_t>({16UL << 20, 16UL << 20, 4000, 300});
    plan.socket_room = chance.one_of<std::size_t>({64UL << 10, 2000, 300});
    plan.clients = chance.between(2, 7);
    plan.rounds = chance.between(1, 3);
    plan.actions = chance.between(5, 40);
    plan.trouble = chance.one_of<unsigned>({0, 5, 15, 30});

    plan.firm = chance.percent(25);
    if (plan.firm && chance.percent(50)) {  // groups alone, so that what they got is plain
        plan.topics = {"w/1", "w/2"};
        plan.filters = {"$share/g/w/1", "$share/h/w/#", "$queue/w/2"};
        // Members are often full or away, and the broker dies in the middle of that.
        plan.settings.session.max_inflight = chance.one_of<std::size_t>({1, 2, 8});
        plan.settings.session.max_queued_messages = chance.one_of<std::size_t>({0, 1, 3});
        plan.trouble = 30;
        if (plan.durable) plan.crashes = 4;
        return plan;
    }
    const std::size_t topics = chance.between(2, kTopics.size());
    for (std::size_t i = 0; i < topics; ++i)
        plan.topics.push_back(chance.pick(kTopics));
    const std::size_t filters = chance.between(1, 12);
    for (std::size_t i = 0; i < filters; ++i) {
        const bool shared = chance.percent(35);
        plan.filters.push_back(chance.pick(shared ? kSharedFilters : kFilters));
    }
    if (chance.percent(30)) plan.filters.push_back(chance.pick(kBadFilters));
    return plan;
}

std::string to_text(const Plan& plan) {
    const core::SessionSettings& session = plan.settings.session;
    const char* const overflow[] = {"drop_oldest", "drop_newest", "hold"};
    return cat("plan: shards ", plan.shards, ", clients ", plan.clients, ", rounds ", plan.rounds,
               ", actions ", plan.actions, ", trouble ", plan.trouble, " %, ",
               plan.durable ? "durable" : "volatile", plan.firm ? ", firm" : "", ", crashes ",
               plan.crashes, ", faults ", plan.faults, ", squeezes ", plan.squeezes, ", linger ",
               plan.linger.count(), " ms, queue window ", plan.queue_window, ", expiry ",
               session.expiry.count(), " ms, inflight ", session.max_inflight, ", awaiting_rel ",
               session.max_awaiting_rel, ", queued ", session.max_queued_messages, " / ",
               session.max_queued_bytes, " bytes, ", overflow[static_cast<int>(session.overflow)],
               session.queue_qos0 ? ", queue_qos0" : "", ", retry ", session.retry_interval.count(),
               " ms, publish ", plan.settings.limits.publish_rate, " / ",
               plan.settings.limits.publish_bytes_rate, " bytes a second, outbound ",
               plan.settings.limits.outbound_buffer, ", credit ", plan.inbox_credit, ", socket ",
               plan.socket_room, ", strategy ",
               static_cast<int>(plan.settings.shared_subscriptions.strategy), ", max_qos ",
               static_cast<int>(plan.settings.mqtt.max_qos), ", retained expiry ",
               plan.settings.retained.expiry.count(), " ms");
}

}  // namespace godwit::simulation
