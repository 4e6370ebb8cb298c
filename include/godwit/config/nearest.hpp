// 'Did you mean': the valid word that a mistyped one is nearest to.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace godwit::config {

// The candidate with the smallest edit distance to the word, the first of equals. None when even
// that one is so far away that naming it would not help.
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view word,
                                                      std::span<const std::string_view> candidates);

// " (did you mean 'x'?)", or nothing where nothing is near.
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       std::span<const std::string_view> candidates);

}  // namespace godwit::config
