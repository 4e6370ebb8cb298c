// Rows under headings, in columns. On a terminal a line is no longer than the terminal is wide:
// the widest columns give way, and what is cut off is an ellipsis.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/ctl/ctl.hpp"

namespace godwit::ctl {

class Table {
public:
    enum class Align : std::uint8_t { left, right };
    struct Column {
        std::string heading;
        Align align = Align::left;
    };

    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    // As many cells as there are columns.
    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    [[nodiscard]] bool empty() const { return rows_.empty(); }
    void print(const Screen& screen) const;

private:
    [[nodiscard]] std::vector<std::size_t> widths(const Screen& screen) const;

    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

// Names and what they are, a line each.
class Facts {
public:
    void add(std::string name, std::string value);
    void print(const Screen& screen) const;

private:
    std::vector<std::pair<std::string, std::string>> facts_;
};

// Cells of a terminal that a UTF-8 text takes: two for wide East Asian characters.
[[nodiscard]] std::size_t display_width(std::string_view text);
// As much of it as fits, with an ellipsis where something is missing.
[[nodiscard]] std::string cut(std::string_view text, std::size_t width);

}  // namespace godwit::ctl
