// What a shard has to do at a certain time, earliest first.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <tuple>

#include "godwit/core/handle.hpp"
#include "godwit/core/time.hpp"

namespace godwit::core {

struct Deadline {
    enum class Kind : std::uint8_t { expire_session, retry, end_hold, end_rate_pause };
    SteadyTime time;
    Kind kind;
    SessionHandle session;

    friend bool operator<(const Deadline& a, const Deadline& b) {
        return std::tuple(a.time, a.kind, a.session.slot, a.session.generation) <
               std::tuple(b.time, b.kind, b.session.slot, b.session.generation);
    }
};

class Deadlines {
public:
    void add(const Deadline& deadline) { set_.insert(deadline); }
    void remove(const Deadline& deadline) { set_.erase(deadline); }

    // The earliest that is due, taken out.
    [[nodiscard]] std::optional<Deadline> take_due(SteadyTime now) {
        if (set_.empty() || set_.begin()->time > now) return std::nullopt;
        return set_.extract(set_.begin()).value();
    }
    [[nodiscard]] std::optional<SteadyTime> next() const {
        if (set_.empty()) return std::nullopt;
        return set_.begin()->time;
    }

private:
    std::set<Deadline> set_;
};

}  // namespace godwit::core
