// Chance for the core, from the system's generator: nobody outside can guess it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "godwit/core/ports.hpp"

namespace godwit::server {

// Draws many numbers with one system call. One thread.
class Chance final : public core::Random {
public:
    // Throws std::system_error where the system has no generator.
    [[nodiscard]] std::uint64_t next() override;

private:
    std::array<std::uint64_t, 32> numbers_;  // The system gives so much whole.
    std::size_t left_ = 0;
};

}  // namespace godwit::server
