// Fakes behind the core's ports: they record, and the test decides.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "godwit/core/shard.hpp"
#include "godwit/mqtt/topic.hpp"

namespace godwit::test {

// Keeps nothing, but can pretend to: commits then complete when the harness says so.
class FakeStore final : public core::Store {
public:
    explicit FakeStore(bool keeps) : keeps_(keeps) {}

    core::Duration linger_time{0};
    std::size_t window = 1'000'000;         // bytes
    std::vector<std::string> written;       // by name, in order: put_queued, delete_will, ...
    std::deque<core::CommitId> committing;  // closed and not complete

    [[nodiscard]] bool keeps() const override { return keeps_; }
    [[nodiscard]] core::Duration linger() const override { return linger_time; }
    [[nodiscard]] std::size_t queue_window() const override { return window; }
    [[nodiscard]] std::uint64_t next_number() override { return ++number_; }

    void put_session(const core::SessionRecord&) override { write("put_session"); }
    void wipe_session(core::Incarnation) override { write("wipe_session"); }
    void put_subscription(core::Incarnation, const core::SubscriptionRecord&) override {
        write("put_subscription");
    }
    void delete_subscription(core::Incarnation, std::string_view) override {
        write("delete_subscription");
    }
    void put_replay(core::Incarnation, const core::ReplayRecord&) override { write("put_replay"); }
    void delete_replay(core::Incarnation, std::uint64_t) override { write("delete_replay"); }
    void put_queued(core::Incarnation, const core::QueueRecord&) override { write("put_queued"); }
    void delete_queued(core::Incarnation, core::Sequence) override { write("delete_queued"); }
    void put_incoming(core::Incarnation, mqtt::PacketId) override { write("put_incoming"); }
    void delete_incoming(core::Incarnation, mqtt::PacketId) override { write("delete_incoming"); }
    void put_will(core::Incarnation, const core::WillRecord&) override { write("put_will"); }
    void delete_will(core::Incarnation) override { write("delete_will"); }
    void put_retained(const core::RetainedRecord&) override { write("put_retained"); }
    void delete_retained(std::string_view) override { write("delete_retained"); }
    void put_arriving(core::LogRow, const core::LoggedPublication&) override {
        write("put_arriving");
    }
    void put_arrived(core::LogRow, core::ShardIndex, const std::vector<core::Receiver>&) override {
        write("put_arrived");
    }
    void delete_arriving(core::LogRow) override { write("delete_arriving"); }
    void read_queue(const core::SessionHandle&, core::Incarnation, core::Sequence,
                    std::size_t) override {}

    [[nodiscard]] core::CommitId commit() override {
        if (!keeps_ || !std::exchange(dirty_, false)) return 0;
        committing.push_back(++last_commit_);
        return last_commit_;
    }

private:
    void write(std::string_view what) {
        written.emplace_back(what);
        dirty_ = true;
    }

    const bool keeps_;
    bool dirty_ = false;
    std::uint64_t number_ = 0;
    core::CommitId last_commit_ = 0;
};

class FakeRandom final : public core::Random {
public:
    [[nodiscard]] std::uint64_t next() override {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return state_ >> 16;
    }

private:
    std::uint64_t state_ = 1;
};

class FakeEvents final : public core::Events {
public:
    std::vector<std::string> lines;

    void client_connected(const core::Arrival& arrival, bool) override {
        lines.push_back("connected " + arrival.client_id);
    }
    void client_disconnected(std::string_view id, std::string_view, core::CloseReason reason,
                             std::string_view) override {
        add("disconnected", id, core::to_string(reason));
    }
    void connection_refused(std::string_view id, std::string_view, core::CloseReason reason,
                            std::string_view) override {
        add("refused", id, core::to_string(reason));
    }
    void takeovers_refused(std::string_view id, std::string_view holder,
                           std::string_view newcomer) override {
        add("takeovers refused", id, std::string(holder) + " " + std::string(newcomer));
    }
    void session_expired(std::string_view id) override { add("expired", id, ""); }
    void messages_dropped(std::string_view id, core::DropReason reason, std::uint64_t) override {
        add("dropped", id, core::to_string(reason));
    }

private:
    void add(std::string_view what, std::string_view id, std::string_view why) {
        std::string line{what};
        line.append(" ").append(id);
        if (!why.empty()) line.append(" ").append(why);
        lines.push_back(line);
    }
};

// Takes everybody at its word where the listener admits strangers.
class Credulous final : public core::Authenticator {
public:
    [[nodiscard]] std::optional<core::Verdict> authenticate(core::Credentials credentials,
                                                            Answer) override {
        if (credentials.certified_name) {
            return core::Identity{std::move(credentials.certified_name)};
        }
        if (credentials.anonymous) return core::Identity{std::move(credentials.user_name)};
        return core::Refusal{mqtt::ConnackCode::not_authorized, core::CloseReason::not_authorized,
                             "nobody vouches for it"};
    }
    [[nodiscard]] bool vouches_for(const core::Identity&) const override { return true; }
};

// Allows everything but what is listed: topics and filters, word for word.
class FakeAccess final : public core::AccessPolicy {
public:
    std::vector<std::string> denied;

    [[nodiscard]] bool restricts() const override { return !denied.empty(); }
    [[nodiscard]] bool may_publish(const Client&, std::string_view topic) const override {
        return allows(topic);
    }
    [[nodiscard]] bool may_receive(const Client&, std::string_view topic) const override {
        return allows(topic);
    }
    [[nodiscard]] Scope may_subscribe(const Client&, std::string_view filter) const override {
        if (!allows(filter)) return Scope::none;
        return restricts() && mqtt::has_wildcard(filter) ? Scope::some : Scope::all;
    }
    [[nodiscard]] std::string receive_rule(const Client&, std::string_view topic) const override {
        return allows(topic) ? "default" : "denied";
    }

private:
    [[nodiscard]] bool allows(std::string_view text) const {
        return std::find(denied.begin(), denied.end(), text) == denied.end();
    }
};

}  // namespace godwit::test
