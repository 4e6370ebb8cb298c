// The sessions of one shard: by handle in a few instructions, by client id through a hash map.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <memory>
#include <string_view>
#include <vector>

#include "godwit/core/handle.hpp"
#include "session.hpp"

namespace godwit::core {

class SessionTable {
public:
    explicit SessionTable(ShardIndex shard) : shard_(shard) {}

    // A new session. REQUIRES: none with that client id.
    Session& create(std::string client_id);
    // A session at the place it had before a restart. REQUIRES: the place is free; end_restore()
    // before the next create().
    Session& restore(std::string client_id, const SessionHandle& place);
    void end_restore();
    // The handle names nothing from now on; the session is given back to be taken apart.
    [[nodiscard]] std::unique_ptr<Session> remove(Session& session);

    [[nodiscard]] Session* find(std::string_view client_id) const;
    [[nodiscard]] Session* find(std::uint32_t slot, std::uint32_t generation) const {
        if (slot >= slots_.size()) return nullptr;
        const Slot& entry = slots_[slot];
        return entry.generation == generation ? entry.session.get() : nullptr;
    }
    [[nodiscard]] Session* find(const SessionHandle& handle) const {
        return handle.shard == shard_ ? find(handle.slot, handle.generation) : nullptr;
    }

    [[nodiscard]] Session* at(std::uint32_t slot) const { return slots_[slot].session.get(); }

    [[nodiscard]] std::size_t slots() const { return slots_.size(); }  // free ones too
    [[nodiscard]] std::size_t size() const { return by_client_id_.size(); }

    // Calls visit(Session&) for each in the order of slots; visit may remove that session.
    template <typename Visit>
    void for_each(Visit&& visit) {
        for (std::size_t i = 0; i < slots_.size(); ++i) {
            if (slots_[i].session) visit(*slots_[i].session);
        }
    }

private:
    Session& enter(std::uint32_t slot, std::string client_id);

    struct Slot {
        std::uint32_t generation = 1;  // never 0, which names no session
        std::unique_ptr<Session> session;
    };

    ShardIndex shard_;
    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_;
    absl::flat_hash_map<std::string_view, Session*> by_client_id_;  // keys live in the sessions
};

}  // namespace godwit::core
