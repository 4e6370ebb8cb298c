// What all connections that came through one listener have in common, and how many there may be.
// Outlives them. Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

#include "certificates.hpp"

namespace godwit::net {

// How many of something there are, and may be (0: any number).
class Quota {
public:
    explicit Quota(std::size_t max) : max_(max) {}

    // One more; false when there may be no more.
    [[nodiscard]] bool take() {
        if (used_.fetch_add(1, std::memory_order_relaxed) < max_ || max_ == 0) return true;
        give_back();
        return false;
    }
    void give_back() { used_.fetch_sub(1, std::memory_order_relaxed); }
    [[nodiscard]] std::size_t used() const { return used_.load(std::memory_order_relaxed); }

private:
    const std::size_t max_;
    std::atomic<std::size_t> used_{0};
};

class Door;

struct LeaveDoor {
    void operator()(Door* door) const;
};
// The right of one connection to be there.
using Place = std::unique_ptr<Door, LeaveDoor>;

class Door {
public:
    struct Sign {
        std::string listener;
        std::string mount_point;
        std::string unix_path;  // stands for the address of its clients; empty for TCP
        bool anonymous = false;
    };

    // `everybody` counts the connections of all doors and outlives this one. Without certificates
    // the door is plain. They are shared with who looks after their files.
    Door(Sign sign, std::size_t connections_max, Quota& everybody,
         std::shared_ptr<Certificates> certificates = nullptr)
        : sign_(std::move(sign)),
          certificates_(std::move(certificates)),
          own_(connections_max),
          everybody_(everybody) {}
    Door(const Door&) = delete;
    Door& operator=(const Door&) = delete;

    [[nodiscard]] const Sign& sign() const { return sign_; }
    [[nodiscard]] const Certificates* certificates() const { return certificates_.get(); }

    // Nothing when the listener or the broker is full.
    [[nodiscard]] Place enter() {
        if (!everybody_.take()) return nullptr;
        if (!own_.take()) {
            everybody_.give_back();
            return nullptr;
        }
        return Place(this);
    }

private:
    friend struct LeaveDoor;

    const Sign sign_;
    const std::shared_ptr<Certificates> certificates_;
    Quota own_;
    Quota& everybody_;
};

inline void LeaveDoor::operator()(Door* door) const {
    door->own_.give_back();
    door->everybody_.give_back();
}

}  // namespace godwit::net
