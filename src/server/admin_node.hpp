// The broker as its admin interface sees it.
#pragma once

#include <atomic>
#include <vector>

#include "broker.hpp"
#include "godwit/admin/node.hpp"
#include "godwit/core/mutex.hpp"
#include "godwit/server/log.hpp"

namespace godwit::server {

class AdminNode final : public admin::Node {
public:
    // Both outlive it. REQUIRES: broker.start() has not been called.
    AdminNode(Broker& broker, Log& log);
    ~AdminNode();
    AdminNode(const AdminNode&) = delete;
    AdminNode& operator=(const AdminNode&) = delete;

    // For the main thread.
    enum class Phase : std::uint8_t { starting, serving, stopping };
    void enter(Phase phase) { phase_.store(phase); }
    // What is in force has changed.
    void refresh();
    // Who has asked for a reload since the last call; to be told the outcome of one that begins
    // now. A SIGHUP came with each.
    [[nodiscard]] std::vector<admin::Then<std::string>> take_reloads();

    [[nodiscard]] admin::NodeView about() const override;
    [[nodiscard]] admin::Readiness readiness() const override;
    [[nodiscard]] admin::Totals totals() const override;

    void sessions(const core::SessionQuery& query, std::string_view cursor, std::size_t limit,
                  admin::Then<std::optional<core::Page<core::SessionView>>> then) override;
    void session(std::string_view client_id,
                 admin::Then<std::optional<core::SessionDetail>> then) override;
    void kick(std::string_view client_id, bool with_session, admin::Then<bool> then) override;
    void subscriptions(
        const core::SubscriptionQuery& query, std::string_view cursor, std::size_t limit,
        admin::Then<std::optional<core::Page<core::SubscriptionView>>> then) override;
    void groups(std::string_view cursor, std::size_t limit,
                admin::Then<std::optional<core::Page<core::GroupView>>> then) override;
    void explain(std::string_view client_id, std::string_view topic,
                 admin::Then<std::optional<core::Explanation>> then) override;
    void retained(std::string_view filter, std::string_view cursor, std::size_t limit,
                  std::size_t payload_max,
                  admin::Then<std::optional<core::Page<core::RetainedView>>> then) override;
    void retained_value(std::string_view topic,
                        admin::Then<std::optional<core::RetainedView>> then) override;
    void clear_retained(std::string_view topic, admin::Then<bool> then) override;

    void publish(admin::Publication publication, admin::Then<std::size_t> then) override;
    void reload(admin::Then<std::string> then) override;

    [[nodiscard]] std::unique_ptr<admin::Tap> subscribe(std::string_view filter, mqtt::Qos qos,
                                                        admin::Receiver receiver) override;
    void watch(admin::Witness witness) override;

private:
    Broker& broker_;
    Log& log_;
    const core::SteadyTime started_;
    std::atomic<Phase> phase_{Phase::starting};

    mutable core::Mutex mutex_;
    admin::NodeView about_ GODWIT_GUARDED_BY(mutex_);  // but for the uptime
    std::vector<admin::Then<std::string>> reloads_ GODWIT_GUARDED_BY(mutex_);
};

}  // namespace godwit::server
