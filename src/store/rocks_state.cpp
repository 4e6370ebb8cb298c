#include "rocks_state.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "queue_reader.hpp"

namespace godwit::store {

namespace {

// Walks over the records of one family.
class Walk {
public:
    Walk(const Rocks& rocks, Family family)
        : rocks_(rocks), family_(family), iterator_(rocks.iterate(family)) {}

    void to_first() {
        iterator_->SeekToFirst();
        moved();
    }
    void next() {
        iterator_->Next();
        moved();
    }

    // To the first key that begins with this number. The numbers asked for must grow: a walk that
    // is beyond already stays, and so passes over each deleted key once at most.
    void forward_to(std::uint64_t number) {
        if (begun_ && (!valid() || number_ >= number)) return;
        iterator_->Seek(number_key(number));
        moved();
    }

    [[nodiscard]] bool valid() const { return iterator_->Valid(); }
    [[nodiscard]] bool at(std::uint64_t number) const { return valid() && number_ == number; }
    [[nodiscard]] std::uint64_t number() const { return number_; }
    [[nodiscard]] std::string_view key() const { return view(iterator_->key()); }
    [[nodiscard]] std::string_view value() const { return view(iterator_->value()); }

    // The key behind its number.
    [[nodiscard]] std::string_view key_rest() const { return key().substr(kNumberKeySize); }
    template <typename T>
    [[nodiscard]] T key_rest_number() const {
        Reader reader(key_rest());
        const auto number = static_cast<T>(sizeof(T) == 2 ? reader.u16() : reader.u64());
        if (!reader.done()) damaged();
        return number;
    }

    // The record, or StoreError.
    template <typename T>
    [[nodiscard]] T good(std::optional<T> record) const {
        if (!record) damaged();
        return *std::move(record);
    }
    [[noreturn]] void damaged() const { throw_record_damaged(rocks_, family_, key()); }

private:
    void moved() {
        begun_ = true;
        throw_unless_ok(rocks_.directory(), iterator_->status());
        if (!valid() || family_ == Family::retained) return;
        if (key().size() < kNumberKeySize) damaged();
        number_ = leading_number(key());
    }

    const Rocks& rocks_;
    const Family family_;
    const std::unique_ptr<rocksdb::Iterator> iterator_;
    std::uint64_t number_ = 0;  // that the key begins with
    bool begun_ = false;
};

class SessionWalk {
public:
    explicit SessionWalk(const Rocks& rocks)
        : rocks_(rocks),
          subscriptions_(rocks, Family::subscriptions),
          replays_(rocks, Family::replays),
          queues_(rocks, Family::queues),
          incoming_(rocks, Family::incoming) {}

    [[nodiscard]] core::StoredSession read(core::SessionRecord record) {
        const core::Incarnation incarnation = record.incarnation;
        core::StoredSession session;
        session.record = std::move(record);
        Walk& filters = subscriptions_;
        for (filters.forward_to(incarnation); filters.at(incarnation); filters.next()) {
            session.subscriptions.push_back(
                filters.good(decode_subscription(filters.key_rest(), filters.value())));
        }
        Walk& replays = replays_;
        for (replays.forward_to(incarnation); replays.at(incarnation); replays.next()) {
            const auto number = replays.key_rest_number<std::uint64_t>();
            session.replays.push_back(replays.good(decode_replay(number, replays.value())));
        }
        session.queue = read_queue(incarnation);
        Walk& ids = incoming_;
        for (ids.forward_to(incarnation); ids.at(incarnation); ids.next()) {
            session.incoming.push_back(ids.key_rest_number<mqtt::PacketId>());
            if (!ids.value().empty()) ids.damaged();
        }
        return session;
    }

private:
    // What waits behind the window stays where it is.
    [[nodiscard]] std::vector<core::QueueRecord> read_queue(core::Incarnation incarnation) {
        std::vector<core::QueueRecord> queue;
        std::size_t bytes = 0;
        Walk& walk = queues_;
        for (walk.forward_to(incarnation); walk.at(incarnation); walk.next()) {
            const auto sequence = walk.key_rest_number<core::Sequence>();
            const auto decoded = [&](MessagePart message) {
                return walk.good(decode_queued(sequence, walk.value(), message));
            };
            const bool ahead = bytes < kQueueWindow;
            queue.push_back(decoded(ahead ? MessagePart::take : MessagePart::leave));
            if (!ahead && queue.back().group != 0) queue.back() = decoded(MessagePart::take);
            bytes += walk.value().size();
        }
        read_sent(incarnation, queue);
        return queue;
    }

    void read_sent(core::Incarnation incarnation, std::vector<core::QueueRecord>& queue) const {
        const std::size_t sent = core::count_sent(queue);
        for (std::size_t i = 0; i < sent; ++i) {
            if (!queue[i].message) queue[i] = read_record(incarnation, queue[i].sequence);
        }
    }

    [[nodiscard]] core::QueueRecord read_record(core::Incarnation incarnation,
                                                core::Sequence sequence) const {
        const std::string key = numbered_key(incarnation, sequence);
        std::string value;
        throw_unless_ok(rocks_.directory(),
                        rocks_.db().Get({}, rocks_.family(Family::queues), key, &value));
        auto record = decode_queued(sequence, value);
        if (!record) throw_record_damaged(rocks_, Family::queues, key);
        return *std::move(record);
    }

    const Rocks& rocks_;
    Walk subscriptions_;
    Walk replays_;
    Walk queues_;
    Walk incoming_;
};

}  // namespace

void RocksState::for_each_session(const Wanted& wanted,
                                  const std::function<void(core::StoredSession)>& visit) const {
    SessionWalk rest(rocks_);
    Walk sessions(rocks_, Family::sessions);
    for (sessions.to_first(); sessions.valid(); sessions.next()) {
        if (!sessions.key_rest().empty()) sessions.damaged();
        core::SessionRecord record =
            sessions.good(decode_session(sessions.number(), sessions.value()));
        if (wanted(record)) visit(rest.read(std::move(record)));
    }
}

void RocksState::for_each_will(
    const std::function<void(core::Incarnation, core::WillRecord)>& visit) const {
    Walk wills(rocks_, Family::wills);
    for (wills.to_first(); wills.valid(); wills.next()) {
        if (!wills.key_rest().empty()) wills.damaged();
        visit(wills.number(), wills.good(decode_will(wills.value())));
    }
}

void RocksState::for_each_retained(const std::function<void(core::RetainedRecord)>& visit) const {
    Walk retained(rocks_, Family::retained);
    for (retained.to_first(); retained.valid(); retained.next())
        visit(retained.good(decode_retained(retained.key(), retained.value())));
}

void RocksState::for_each_publication(
    const std::function<void(core::StoredPublication)>& visit) const {
    Walk rows(rocks_, Family::arriving);
    rows.to_first();
    while (rows.valid()) {
        const core::LogRow row = rows.number();
        // A row comes before its marks; marks alone have nothing to tell.
        std::optional<core::StoredPublication> stored;
        if (rows.key_rest().empty()) {
            stored = {row, rows.good(decode_publication(rows.value())), {}};
            rows.next();
        }
        for (; rows.at(row); rows.next()) {
            const auto shard = rows.key_rest_number<core::ShardIndex>();
            std::vector<core::Receiver> unplaced = rows.good(decode_receivers(rows.value()));
            if (stored) stored->arrived.emplace(shard, std::move(unplaced));
        }
        if (stored) visit(*std::move(stored));
    }
}

}  // namespace godwit::store
