// What all connections that came through one listener have in common, and how many there may be.
// Outlives them. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "admission.hpp"
#include "quota.hpp"

namespace godwit::net {

class Door;

// The right of one connection to be there.
class Place {
public:
    Place() = default;
    Place(Place&& other) noexcept
        : door_(std::exchange(other.door_, nullptr)),
          guest_(std::exchange(other.guest_, nullptr)) {}
    Place& operator=(Place&& other) noexcept {
        std::swap(door_, other.door_);
        std::swap(guest_, other.guest_);
        return *this;
    }
    ~Place() { reset(); }

    explicit operator bool() const { return door_ != nullptr; }
    Door& operator*() const { return *door_; }
    Door* operator->() const { return door_; }

    // Says where the connection comes from, once that is known; false when there are as many from
    // there as there may be. REQUIRES: not empty; called at most once.
    [[nodiscard]] bool come_from(const Address& address);

    void reset();

private:
    friend class Door;
    explicit Place(Door& door) : door_(&door) {}

    Door* door_ = nullptr;
    HostQuota::Guest guest_ = nullptr;  // of door_->admission().hosts
};

class Door {
public:
    struct Sign {
        std::string listener;
        std::string mount_point;
        std::string unix_path;  // stands for the address of its clients; empty for TCP
        bool anonymous = false;
    };

    Door(Sign sign, std::size_t connections_max, Admission& admission)
        : sign_(std::move(sign)), own_(connections_max), admission_(admission) {}
    Door(const Door&) = delete;
    Door& operator=(const Door&) = delete;

    [[nodiscard]] const Sign& sign() const { return sign_; }
    [[nodiscard]] Admission& admission() const { return admission_; }

    // Those that are too many by now stay.
    void set_connections_max(std::size_t max) { own_.set_max(max); }

    // An empty one when the listener or the broker is full.
    [[nodiscard]] Place enter() {
        if (!admission_.connections.take()) return {};
        if (!own_.take()) {
            admission_.connections.give_back();
            return {};
        }
        return Place(*this);
    }

private:
    friend class Place;
    void leave() {
        own_.give_back();
        admission_.connections.give_back();
    }

    const Sign sign_;
    Quota own_;
    Admission& admission_;
};

inline bool Place::come_from(const Address& address) {
    const auto guest = door_->admission().hosts.take(address);
    guest_ = guest.value_or(nullptr);
    return guest.has_value();
}

inline void Place::reset() {
    if (door_ == nullptr) return;
    if (guest_ != nullptr) door_->admission().hosts.give_back(std::exchange(guest_, nullptr));
    std::exchange(door_, nullptr)->leave();
}

}  // namespace godwit::net
