#include "survey.hpp"

#include <utility>

#include "clock.hpp"
#include "record_codec.hpp"
#include "rocks.hpp"

namespace godwit::store {

namespace {

// Of a key that is a number and then nothing else but `Rest`.
template <typename Rest>
std::optional<Rest> rest_number(std::string_view key) {
    Reader reader(key);
    (void)reader.u64();
    const auto rest = static_cast<Rest>(sizeof(Rest) == 2 ? reader.u16() : reader.u64());
    if (!reader.done()) return std::nullopt;
    return rest;
}

std::string line(Family family, std::string_view key, const char* why) {
    return std::string(name_of(family)) + ": " + why + ", key " + printable(key);
}

}  // namespace

Survey::Survey(Iterate iterate, const Visitor& visitor)
    : iterate_(std::move(iterate)), visitor_(visitor) {
    read_sessions();
    drop_rivals();
    read_subscriptions();
    read_replays();
    read_incoming();
    findings_.good.sessions = sessions_.size();
    if (visitor_.session) {
        for (const auto& [incarnation, session] : sessions_)
            visitor_.session(session);
    }
    read_queues();
    read_wills();
    read_retained();
    read_publications();
    read_meta();
}

void Survey::walk(Family family, const Judge& judge) {
    const std::unique_ptr<rocksdb::Iterator> iterator = iterate_(family);
    std::string last;
    for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
        const std::string_view key = view(iterator->key());
        const bool numbered = family != Family::retained && family != Family::meta;
        last = key;
        empty_ = false;
        const Verdict verdict = numbered && key.size() < kNumberKeySize
                                    ? Verdict::damaged
                                    : judge(key, view(iterator->value()));
        if (verdict == Verdict::damaged) unwanted(family, key, "damaged record");
        if (verdict == Verdict::left_over) {
            ++findings_.left_over;
            unwanted_.push_back({family, std::string(key)});
        }
    }
    if (iterator->status().ok()) return;
    const std::string where = last.empty() ? "cannot be read" : "ends at key " + printable(last);
    findings_.problems.push_back(std::string(name_of(family)) + ": " + where + ": " +
                                 iterator->status().ToString());
    empty_ = false;
}

void Survey::unwanted(Family family, std::string_view key, const char* why) {
    findings_.problems.push_back(line(family, key, why));
    unwanted_.push_back({family, std::string(key)});
}

core::StoredSession* Survey::owner_of(std::string_view key) {
    const std::uint64_t incarnation = leading_number(key);
    saw(incarnation);
    const auto found = sessions_.find(incarnation);
    return found == sessions_.end() ? nullptr : &found->second;
}

void Survey::read_sessions() {
    walk(Family::sessions, [this](std::string_view key, std::string_view value) {
        const core::Incarnation incarnation = leading_number(key);
        auto record = decode_session(incarnation, value);
        if (!record || key.size() != kNumberKeySize) return Verdict::damaged;
        saw(incarnation);
        if (record->absence) saw(record->absence->after);
        sessions_[incarnation].record = *std::move(record);
        return Verdict::good;
    });
}

// Where a deletion was lost, a session of old stands beside a newer one with its client id or in
// its place; the newer one is the right one.
void Survey::drop_rivals() {
    std::set<std::string_view> client_ids;
    std::set<std::pair<core::ShardIndex, std::uint32_t>> places;
    std::vector<core::Incarnation> rivals;
    for (auto session = sessions_.rbegin(); session != sessions_.rend(); ++session) {
        const core::SessionRecord& record = session->second.record;
        const std::pair place{record.handle.shard, record.handle.slot};
        if (client_ids.contains(record.client_id) || places.contains(place)) {
            rivals.push_back(record.incarnation);
        } else {
            client_ids.insert(record.client_id);
            places.insert(place);
        }
    }
    for (const core::Incarnation incarnation : rivals) {
        unwanted(Family::sessions, number_key(incarnation), "a newer session has replaced it");
        sessions_.erase(incarnation);
    }
}

void Survey::read_subscriptions() {
    walk(Family::subscriptions, [this](std::string_view key, std::string_view value) {
        auto record = decode_subscription(key.substr(kNumberKeySize), value);
        if (!record) return Verdict::damaged;
        core::StoredSession* session = owner_of(key);
        if (session == nullptr) return Verdict::left_over;
        session->subscriptions.push_back(*std::move(record));
        ++findings_.good.subscriptions;
        return Verdict::good;
    });
}

void Survey::read_replays() {
    walk(Family::replays, [this](std::string_view key, std::string_view value) {
        const auto number = rest_number<std::uint64_t>(key);
        auto record = number ? decode_replay(*number, value) : std::nullopt;
        if (!record) return Verdict::damaged;
        saw(*number);
        core::StoredSession* session = owner_of(key);
        if (session == nullptr) return Verdict::left_over;
        session->replays.push_back(*std::move(record));
        ++findings_.good.replays;
        return Verdict::good;
    });
}

void Survey::read_incoming() {
    walk(Family::incoming, [this](std::string_view key, std::string_view value) {
        const auto packet_id = rest_number<mqtt::PacketId>(key);
        if (!packet_id || !value.empty()) return Verdict::damaged;
        core::StoredSession* session = owner_of(key);
        if (session == nullptr) return Verdict::left_over;
        session->incoming.push_back(*packet_id);
        ++findings_.good.incoming;
        return Verdict::good;
    });
}

void Survey::read_queues() {
    walk(Family::queues, [this](std::string_view key, std::string_view value) {
        const auto sequence = rest_number<core::Sequence>(key);
        const auto record = sequence ? decode_queued(*sequence, value) : std::nullopt;
        if (!record) return Verdict::damaged;
        saw(*sequence);
        const core::StoredSession* session = owner_of(key);
        if (session == nullptr) return Verdict::left_over;
        ++findings_.good.queued;
        if (visitor_.queued) visitor_.queued(session->record, *record);
        return Verdict::good;
    });
}

void Survey::read_wills() {
    walk(Family::wills, [this](std::string_view key, std::string_view value) {
        const auto record = decode_will(value);
        if (!record || key.size() != kNumberKeySize) return Verdict::damaged;
        saw(leading_number(key));
        ++findings_.good.wills;
        if (visitor_.will) visitor_.will(*record);
        return Verdict::good;
    });
}

void Survey::read_retained() {
    walk(Family::retained, [this](std::string_view key, std::string_view value) {
        const auto record = key.empty() ? std::nullopt : decode_retained(key, value);
        if (!record) return Verdict::damaged;
        ++findings_.good.retained;
        if (visitor_.retained) visitor_.retained(*record);
        return Verdict::good;
    });
}

// A row comes before its marks. Marks may outlive it.
void Survey::read_publications() {
    std::optional<core::LogRow> good_row;
    walk(Family::arriving, [&](std::string_view key, std::string_view value) {
        const core::LogRow row = leading_number(key);
        saw(row);
        if (key.size() == kNumberKeySize) {
            const auto publication = decode_publication(value);
            if (!publication) return Verdict::damaged;
            good_row = row;
            ++findings_.good.publications;
            if (visitor_.publication) visitor_.publication(*publication);
            return Verdict::good;
        }
        if (!rest_number<core::ShardIndex>(key) || !decode_receivers(value)) {
            return Verdict::damaged;
        }
        return good_row == row ? Verdict::good : Verdict::left_over;
    });
}

// Comes last: only a directory without any record may be without these.
void Survey::read_meta() {
    walk(Family::meta, [this](std::string_view key, std::string_view value) {
        Reader reader(value);
        if (key == kFormatKey) {
            const std::uint32_t format = reader.u32();
            if (!reader.done() || format == 0) return Verdict::damaged;
            meta_.format = format;
        } else if (key == kSecretKey || key == kNumbersKey) {
            const std::uint64_t number = reader.u64();
            if (!reader.done()) return Verdict::damaged;
            (key == kSecretKey ? meta_.secret : meta_.numbers) = number;
        } else if (key == kClockKey && !decode_checkpoint(value)) {
            return Verdict::damaged;
        }
        return Verdict::good;
    });
    if (empty_) return;
    const std::pair<std::string_view, bool> keys[] = {{kFormatKey, meta_.format.has_value()},
                                                      {kSecretKey, meta_.secret.has_value()},
                                                      {kNumbersKey, meta_.numbers.has_value()}};
    for (const auto& [key, there] : keys) {
        if (!there) findings_.problems.push_back("meta: no record " + std::string(key));
    }
    if (meta_.numbers && *meta_.numbers <= highest_number_) {
        findings_.problems.push_back("meta: numbers begin at " + std::to_string(*meta_.numbers) +
                                     ", and " + std::to_string(highest_number_) + " is in use");
    }
}

}  // namespace godwit::store
