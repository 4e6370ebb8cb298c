// Records to store, and all that a database holds in comparable form.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/core/stored_state.hpp"

namespace godwit::test {

inline core::MessagePtr message(std::string_view topic, std::string_view payload) {
    return core::Message::make(topic, std::as_bytes(std::span(payload)));
}

inline std::string payload_of(const core::MessagePtr& message) {
    const mqtt::Bytes payload = message->payload();
    return {reinterpret_cast<const char*>(payload.data()), payload.size()};
}

inline core::SessionRecord session_record(core::Incarnation incarnation,
                                          std::string_view client_id) {
    core::SessionRecord record;
    record.incarnation = incarnation;
    record.client_id = client_id;
    return record;
}

inline core::QueueRecord queue_record(core::Sequence sequence, std::string_view payload) {
    core::QueueRecord record;
    record.sequence = sequence;
    record.message = message("t", payload);
    record.qos = mqtt::Qos::at_least_once;
    return record;
}

struct Everything {
    std::vector<core::StoredSession> sessions;
    std::vector<std::pair<core::Incarnation, core::WillRecord>> wills;
    std::vector<core::RetainedRecord> retained;
    std::vector<core::StoredPublication> publications;
};

inline Everything read_everything(const core::StoredState& state) {
    Everything all;
    state.for_each_session(
        [](const core::SessionRecord&) { return true; },
        [&](core::StoredSession session) { all.sessions.push_back(std::move(session)); });
    state.for_each_will([&](core::Incarnation incarnation, core::WillRecord record) {
        all.wills.emplace_back(incarnation, std::move(record));
    });
    state.for_each_retained(
        [&](core::RetainedRecord record) { all.retained.push_back(std::move(record)); });
    state.for_each_publication(
        [&](core::StoredPublication stored) { all.publications.push_back(std::move(stored)); });
    return all;
}

}  // namespace godwit::test
