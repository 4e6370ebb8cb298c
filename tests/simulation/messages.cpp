#include "messages.hpp"

#include <charconv>

namespace godwit::simulation {

std::string payload_of(const Message& message, std::size_t size) {
    if (message.clears) return {};
    std::string payload = "m" + std::to_string(message.number) + ";";
    if (payload.size() < size) payload.append(size - payload.size(), '.');
    return payload;
}

std::optional<std::uint64_t> number_of(std::string_view payload) {
    const std::size_t end = payload.find(';');
    if (end == std::string_view::npos || payload[0] != 'm') return std::nullopt;
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(payload.data() + 1, payload.data() + end, number);
    if (parsed.ec != std::errc() || parsed.ptr != payload.data() + end) return std::nullopt;
    if (payload.find_first_not_of('.', end + 1) != std::string_view::npos) return std::nullopt;
    return number;
}

}  // namespace godwit::simulation
