// What all connections that came through one listener have in common, and how many there may be. A
// reload may change it, or take it away. Outlives them. Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "certificates.hpp"
#include "godwit/core/mutex.hpp"
#include "trusted_proxies.hpp"

namespace godwit::net {

// How many of something there are, and may be (0: any number).
class Quota {
public:
    explicit Quota(std::size_t max) : max_(max) {}

    // One more; false when there may be no more.
    [[nodiscard]] bool take() {
        const std::size_t max = max_.load(std::memory_order_relaxed);
        if (used_.fetch_add(1, std::memory_order_relaxed) < max || max == 0) return true;
        give_back();
        return false;
    }
    // Those that are there stay.
    void set_max(std::size_t max) { max_.store(max, std::memory_order_relaxed); }
    void give_back() { used_.fetch_sub(1, std::memory_order_relaxed); }
    [[nodiscard]] std::size_t used() const { return used_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::size_t> max_;
    std::atomic<std::size_t> used_{0};
};

// What a listener says to those who come.
struct Sign {
    std::string listener;
    std::string mount_point;
    std::string unix_path;  // stands for the address of its clients; empty for TCP
    bool anonymous = false;
    std::string web_socket_path;  // empty: clients speak MQTT at once
    bool proxy_protocol = false;
    TrustedProxies trusted_proxies;
    // Null: plain. Shared with who looks after their files.
    std::shared_ptr<const Certificates> certificates;
};

class Place;

class Door {
public:
    // `everybody` counts the connections of all doors and outlives this one.
    Door(Sign sign, std::size_t connections_max, Quota& everybody)
        : sign_(std::make_shared<const Sign>(std::move(sign))),
          own_(connections_max),
          everybody_(everybody) {}
    Door(const Door&) = delete;
    Door& operator=(const Door&) = delete;

    // As it is now; null when the listener is gone.
    [[nodiscard]] std::shared_ptr<const Sign> sign() const {
        const core::MutexLock lock(mutex_);
        return sign_;
    }
    void change(Sign sign, std::size_t connections_max) {
        own_.set_max(connections_max);
        const core::MutexLock lock(mutex_);
        sign_ = std::make_shared<const Sign>(std::move(sign));
    }
    void remove() {
        const core::MutexLock lock(mutex_);
        sign_ = nullptr;
    }

    // Nothing when the listener or the broker is full, or the listener gone.
    [[nodiscard]] Place enter();
    [[nodiscard]] bool is_unused() const { return own_.used() == 0; }

private:
    friend class Place;

    void leave() {
        own_.give_back();
        everybody_.give_back();
    }

    mutable core::Mutex mutex_;
    std::shared_ptr<const Sign> sign_ GODWIT_GUARDED_BY(mutex_);
    Quota own_;
    Quota& everybody_;
};

// The right of one connection to be there, with what the sign said when it came.
class Place {
public:
    Place() = default;
    Place(Door& door, std::shared_ptr<const Sign> sign) : door_(&door), sign_(std::move(sign)) {}
    Place(Place&& other) noexcept
        : door_(std::exchange(other.door_, nullptr)), sign_(std::move(other.sign_)) {}
    Place& operator=(Place&& other) noexcept {
        std::swap(door_, other.door_);
        std::swap(sign_, other.sign_);
        return *this;
    }
    ~Place() { give_up(); }

    explicit operator bool() const { return door_ != nullptr; }
    [[nodiscard]] const Sign& sign() const { return *sign_; }

    // Whether a connection like this one could still come: the listener is there, and is for its
    // clients what it was. `vouched`: an authenticator knows who it is.
    [[nodiscard]] bool stands(bool vouched) const {
        const std::shared_ptr<const Sign> now = door_->sign();
        return now != nullptr && now->mount_point == sign_->mount_point &&
               (now->certificates == nullptr) == (sign_->certificates == nullptr) &&
               (now->anonymous || vouched);
    }

    void give_up() {
        if (door_ != nullptr) std::exchange(door_, nullptr)->leave();
    }

private:
    Door* door_ = nullptr;
    std::shared_ptr<const Sign> sign_;
};

inline Place Door::enter() {
    auto now = sign();
    if (now == nullptr || !everybody_.take()) return {};
    if (!own_.take()) {
        everybody_.give_back();
        return {};
    }
    return {*this, std::move(now)};
}

}  // namespace godwit::net
