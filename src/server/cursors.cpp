#include "cursors.hpp"

#include <charconv>

namespace godwit::server {

namespace {

constexpr std::size_t kLevelsMax = 65'536;

std::string number(std::uint64_t value) {
    return std::to_string(value) + ".";
}

template <typename Number>
bool take(std::string_view& text, Number& number) {
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || at == end || *at != '.') return false;
    text.remove_prefix(static_cast<std::size_t>(at - text.data()) + 1);
    return true;
}

}  // namespace

bool take_number(std::string_view& text, core::ShardIndex& number) {
    return take(text, number);
}

std::string encode_place(const core::SessionPlace& place) {
    return number(place);
}

bool decode_place(std::string_view text, core::SessionPlace& place) {
    return take(text, place) && text.empty();
}

std::string encode_place(const core::SubscriptionPlace& place) {
    return number(place.session) + place.text;
}

bool decode_place(std::string_view text, core::SubscriptionPlace& place) {
    if (!take(text, place.session)) return false;
    place.text = text;
    return true;
}

std::string encode_place(const core::RetainedPlace& place) {
    std::string text = number(place.newest) + number(place.made.size());
    for (const std::uint64_t made : place.made)
        text += number(made);
    return text + place.topic;
}

bool decode_place(std::string_view text, core::RetainedPlace& place) {
    std::size_t levels = 0;
    if (!take(text, place.newest) || !take(text, levels)) return false;
    if (levels > kLevelsMax) return false;
    for (std::size_t i = 0; i < levels; ++i) {
        if (!take(text, place.made.emplace_back())) return false;
    }
    place.topic = text;
    return true;
}

}  // namespace godwit::server
