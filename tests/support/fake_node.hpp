// A node that says what a test told it to, and remembers what it was asked.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "godwit/admin/node.hpp"

namespace godwit::test {

class FakeNode final : public admin::Node {
public:
    admin::Readiness is = admin::Readiness::ready;
    admin::Totals counted;
    std::optional<core::Page<core::SessionView>> session_page{std::in_place};
    std::optional<core::SessionDetail> detail;
    std::optional<core::Page<core::SubscriptionView>> subscription_page{std::in_place};
    std::optional<core::Page<core::GroupView>> group_page{std::in_place};
    std::optional<core::Explanation> explanation;
    std::optional<core::Page<core::RetainedView>> retained_page{std::in_place};
    std::optional<core::RetainedView> value;
    bool found = true;
    std::size_t matched = 0;
    std::string reload_problem;
    bool takes_subscriptions = true;
    bool answers = true;  // if not, nobody hears anything, as while it stops

    // What was asked last.
    core::SessionQuery session_query;
    core::SubscriptionQuery subscription_query;
    std::string name;  // of a client or topic
    std::string topic;
    std::string filter;
    std::string cursor;
    std::size_t limit = 0;
    bool with_session = false;
    admin::Publication published;
    admin::Receiver receiver;
    admin::Witness witness;

    [[nodiscard]] admin::NodeView about() const override {
        return {.name = "node-1",
                .version = "1.2.3",
                .started_at = core::WallTime(std::chrono::milliseconds(1'500)),
                .uptime = core::Duration(2'500),
                .threads = 2,
                .listeners = {{.name = "tcp", .address = "127.0.0.1:1883", .transport = "tcp"}},
                .configuration = R"({"mqtt":{"max_qos":2}})"};
    }
    [[nodiscard]] admin::Readiness readiness() const override { return is; }
    [[nodiscard]] admin::Totals totals() const override { return counted; }

    void sessions(const core::SessionQuery& query, std::string_view from, std::size_t at_most,
                  admin::Then<std::optional<core::Page<core::SessionView>>> then) override {
        session_query = query;
        note_page(from, at_most);
        tell(then, session_page);
    }
    void session(std::string_view client_id,
                 admin::Then<std::optional<core::SessionDetail>> then) override {
        name = client_id;
        tell(then, detail);
    }
    void kick(std::string_view client_id, bool session_too, admin::Then<bool> then) override {
        name = client_id;
        with_session = session_too;
        tell(then, found);
    }
    void subscriptions(
        const core::SubscriptionQuery& query, std::string_view from, std::size_t at_most,
        admin::Then<std::optional<core::Page<core::SubscriptionView>>> then) override {
        subscription_query = query;
        note_page(from, at_most);
        tell(then, subscription_page);
    }
    void groups(std::string_view from, std::size_t at_most,
                admin::Then<std::optional<core::Page<core::GroupView>>> then) override {
        note_page(from, at_most);
        tell(then, group_page);
    }
    void explain(std::string_view client_id, std::string_view of_topic,
                 admin::Then<std::optional<core::Explanation>> then) override {
        name = client_id;
        topic = of_topic;
        tell(then, explanation);
    }
    void retained(std::string_view by, std::string_view from, std::size_t at_most,
                  std::size_t /*payload_max*/,
                  admin::Then<std::optional<core::Page<core::RetainedView>>> then) override {
        filter = by;
        note_page(from, at_most);
        tell(then, retained_page);
    }
    void retained_value(std::string_view of_topic,
                        admin::Then<std::optional<core::RetainedView>> then) override {
        topic = of_topic;
        tell(then, value);
    }
    void clear_retained(std::string_view of_topic, admin::Then<bool> then) override {
        topic = of_topic;
        tell(then, found);
    }
    void publish(admin::Publication publication, admin::Then<std::size_t> then) override {
        published = std::move(publication);
        tell(then, matched);
    }
    void reload(admin::Then<std::string> then) override { tell(then, reload_problem); }

    [[nodiscard]] std::unique_ptr<admin::Tap> subscribe(std::string_view by, mqtt::Qos /*qos*/,
                                                        admin::Receiver to) override {
        filter = by;
        receiver = std::move(to);
        return takes_subscriptions ? std::make_unique<admin::Tap>() : nullptr;
    }
    void watch(admin::Witness who) override { witness = std::move(who); }

private:
    void note_page(std::string_view from, std::size_t at_most) {
        cursor = from;
        limit = at_most;
    }
    template <typename Outcome, typename Value>
    void tell(const admin::Then<Outcome>& then, const Value& outcome) const {
        if (answers) then(outcome);
    }
};

}  // namespace godwit::test
