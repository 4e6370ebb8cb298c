#include "godwit/config/nearest.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace godwit::config {
namespace {

// Words longer than any key are not compared: the effort grows with the product of the lengths.
constexpr std::size_t kWordSizeMax = 64;

// Edits (insert, delete, replace, swap neighbours) that turn one word into the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before_last[j - 2] + 1);
            }
        }
        std::swap(before_last, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

// A beginning, such as 'warn' for 'warning', is as good as one typing error.
std::size_t distance_to(std::string_view word, std::string_view candidate) {
    constexpr std::size_t kTellingBytes = 3;
    const std::size_t edits = edit_distance(word, candidate);
    const bool is_beginning = word.size() >= kTellingBytes && candidate.starts_with(word);
    return is_beginning ? std::min<std::size_t>(edits, 1) : edits;
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> candidates) {
    if (word.size() > kWordSizeMax) return std::nullopt;
    std::optional<std::string_view> best;
    std::size_t best_distance = std::max<std::size_t>(1, word.size() * 2 / 5) + 1;
    for (const std::string_view candidate : candidates) {
        const std::size_t distance = distance_to(word, candidate);
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
    const auto best = nearest(word, candidates);
    return best ? " (did you mean '" + std::string(*best) + "'?)" : "";
}

}  // namespace godwit::config
