// All chance of a simulation, from one seed: the same numbers on every machine (splitmix64).
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "godwit/core/ports.hpp"

namespace godwit::simulation {

using Time = std::chrono::microseconds;  // since the simulation began

class Chance final : public core::Random {
public:
    explicit Chance(std::uint64_t seed) : state_(seed) {}

    [[nodiscard]] std::uint64_t next() override {
        std::uint64_t z = state_ += 0x9E37'79B9'7F4A'7C15;
        z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9;
        z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EB;
        return z ^ (z >> 31);
    }

    // 0 to n - 1. REQUIRES: n != 0.
    [[nodiscard]] std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
    [[nodiscard]] std::size_t between(std::size_t low, std::size_t high) {
        return low + below(high - low + 1);
    }
    [[nodiscard]] bool percent(unsigned p) { return next() % 100 < p; }
    [[nodiscard]] Time time(Time low, Time high) {
        return Time(
            between(static_cast<std::size_t>(low.count()), static_cast<std::size_t>(high.count())));
    }
    // Mostly short, now and then many times as long.
    [[nodiscard]] Time delay(Time usual) {
        const Time most = percent(5) ? usual * 20 : usual;
        return time(Time{0}, most);
    }
    template <typename T>
    [[nodiscard]] const T& pick(const std::vector<T>& items) {
        return items[below(items.size())];
    }
    template <typename T>
    [[nodiscard]] T one_of(std::initializer_list<T> items) {
        return items.begin()[below(items.size())];
    }

private:
    std::uint64_t state_;
};

}  // namespace godwit::simulation
