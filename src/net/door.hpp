// What all connections that came through one listener have in common, and how many there may be. A
// reload may change it, or take it away. Outlives them. Any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "admission.hpp"
#include "certificates.hpp"
#include "godwit/core/mutex.hpp"
#include "quota.hpp"
#include "trusted_proxies.hpp"

namespace godwit::net {

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

    // Who connects may speak for a client that is somewhere else.
    [[nodiscard]] bool behind_proxy() const { return proxy_protocol || !trusted_proxies.empty(); }
};

class Place;

class Door {
public:
    Door(Sign sign, std::size_t connections_max, Admission& admission)
        : sign_(std::make_shared<const Sign>(std::move(sign))),
          own_(connections_max),
          admission_(admission) {}
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
    [[nodiscard]] Admission& admission() const { return admission_; }
    [[nodiscard]] bool is_unused() const { return own_.used() == 0; }

private:
    friend class Place;

    void leave() {
        own_.give_back();
        admission_.connections.give_back();
    }

    mutable core::Mutex mutex_;
    std::shared_ptr<const Sign> sign_ GODWIT_GUARDED_BY(mutex_);
    Quota own_;
    Admission& admission_;
};

// The right of one connection to be there, with what the sign said when it came.
class Place {
public:
    Place() = default;
    Place(Door& door, std::shared_ptr<const Sign> sign) : door_(&door), sign_(std::move(sign)) {}
    Place(Place&& other) noexcept
        : door_(std::exchange(other.door_, nullptr)),
          guest_(std::exchange(other.guest_, nullptr)),
          sign_(std::move(other.sign_)) {}
    Place& operator=(Place&& other) noexcept {
        std::swap(door_, other.door_);
        std::swap(guest_, other.guest_);
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

    // Says where the connection comes from, once that is known; false when there are as many from
    // there as there may be. REQUIRES: not empty; called at most once.
    [[nodiscard]] bool come_from(const Address& address) {
        const auto guest = door_->admission().hosts.take(address);
        guest_ = guest.value_or(nullptr);
        return guest.has_value();
    }

    void give_up() {
        if (door_ == nullptr) return;
        if (guest_ != nullptr) door_->admission().hosts.give_back(std::exchange(guest_, nullptr));
        std::exchange(door_, nullptr)->leave();
    }

private:
    Door* door_ = nullptr;
    HostQuota::Guest guest_ = nullptr;  // of door_->admission().hosts
    std::shared_ptr<const Sign> sign_;
};

inline Place Door::enter() {
    auto now = sign();
    if (now == nullptr || !admission_.connections.take()) return {};
    if (!own_.take()) {
        admission_.connections.give_back();
        return {};
    }
    return {*this, std::move(now)};
}

}  // namespace godwit::net
