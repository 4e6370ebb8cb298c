// The parameters of a query, checked: each is one that the route knows, and comes once. What is
// wrong is thrown as a Problem that names it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace godwit::admin {

class Parameters {
public:
    static constexpr std::size_t kLimitDefault = 100;
    static constexpr std::size_t kLimitMax = 10'000;

    Parameters(std::vector<std::pair<std::string, std::string>> given,
               std::span<const std::string_view> known);

    [[nodiscard]] std::optional<std::string> text(std::string_view name) const;
    [[nodiscard]] std::string required(std::string_view name) const;
    [[nodiscard]] std::optional<bool> boolean(std::string_view name) const;
    [[nodiscard]] std::size_t number(std::string_view name, std::size_t min, std::size_t max,
                                     std::size_t otherwise) const;

    // Of a list.
    [[nodiscard]] std::size_t limit() const { return number("limit", 1, kLimitMax, kLimitDefault); }
    [[nodiscard]] std::string cursor() const { return text("cursor").value_or(""); }

private:
    std::vector<std::pair<std::string, std::string>> given_;
};

}  // namespace godwit::admin
