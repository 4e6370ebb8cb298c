// All records of a database, read one by one and judged. Where Database gives up at the first that
// is damaged, this notes it and goes on.
#pragma once

#include <rocksdb/iterator.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/store/maintenance.hpp"
#include "keys.hpp"

namespace godwit::store {

class Survey {
public:
    using Iterate = std::function<std::unique_ptr<rocksdb::Iterator>(Family)>;

    // A record that a start refuses or passes over.
    struct Unwanted {
        Family family;
        std::string key;
    };
    // Where one is missing or damaged, it is none.
    struct Meta {
        std::optional<std::uint32_t> format;
        std::optional<std::uint64_t> secret;
        std::optional<std::uint64_t> numbers;
    };

    // Reads it all; neither is needed afterwards.
    Survey(Iterate iterate, const Visitor& visitor);

    [[nodiscard]] const Findings& findings() const { return findings_; }
    [[nodiscard]] const std::vector<Unwanted>& unwanted() const { return unwanted_; }
    [[nodiscard]] const Meta& meta() const { return meta_; }
    // Of all numbers that sessions, entries of queues, replays and rows bear.
    [[nodiscard]] std::uint64_t highest_number() const { return highest_number_; }

private:
    enum class Verdict : std::uint8_t { good, left_over, damaged };
    using Judge = std::function<Verdict(std::string_view key, std::string_view value)>;
    void walk(Family family, const Judge& judge);
    void unwanted(Family family, std::string_view key, const char* why);

    void read_sessions();
    void drop_rivals();
    void read_subscriptions();
    void read_replays();
    void read_incoming();
    void read_queues();
    void read_wills();
    void read_retained();
    void read_publications();
    void read_meta();

    // The session that the key begins with; none when it is gone.
    [[nodiscard]] core::StoredSession* owner_of(std::string_view key);
    void saw(std::uint64_t number) { highest_number_ = std::max(highest_number_, number); }

    const Iterate iterate_;
    const Visitor& visitor_;
    Findings findings_;
    std::vector<Unwanted> unwanted_;
    Meta meta_;
    std::uint64_t highest_number_ = 0;
    bool empty_ = true;
    std::map<core::Incarnation, core::StoredSession> sessions_;  // without their queues
};

}  // namespace godwit::store
