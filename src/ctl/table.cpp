#include "table.hpp"

#include <algorithm>
#include <array>
#include <ostream>
#include <utility>

namespace godwit::ctl {
namespace {

constexpr std::size_t kGap = 2;         // between columns
constexpr std::size_t kNarrowest = 10;  // no column is cut further
constexpr std::string_view kEllipsis = "\u2026";

struct Character {
    std::size_t bytes = 1;
    std::size_t width = 1;
};

bool is_wide(char32_t c) {
    constexpr std::array<std::pair<char32_t, char32_t>, 9> kWide = {{{0x1100, 0x115F},
                                                                     {0x2E80, 0x303E},
                                                                     {0x3041, 0xA4CF},
                                                                     {0xAC00, 0xD7A3},
                                                                     {0xF900, 0xFAFF},
                                                                     {0xFE30, 0xFE6F},
                                                                     {0xFF00, 0xFF60},
                                                                     {0x1F300, 0x1FAFF},
                                                                     {0x20000, 0x3FFFD}}};
    return std::any_of(kWide.begin(), kWide.end(),
                       [c](const auto& range) { return c >= range.first && c <= range.second; });
}

// The first one. What is no UTF-8 counts byte by byte.
Character first_character(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t bytes = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (bytes == 1 || text.size() < bytes) return {};
    char32_t code = lead & (0xFFU >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i)
        code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
    return {bytes, is_wide(code) ? 2U : 1U};
}

std::string padded(const std::string& text, std::size_t width, Table::Align align) {
    const std::size_t own = display_width(text);
    const std::string blanks(width > own ? width - own : 0, ' ');
    return align == Table::Align::right ? blanks + text : text + blanks;
}

}  // namespace

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const Character character = first_character(text);
        width += character.width;
        text.remove_prefix(character.bytes);
    }
    return width;
}

std::string cut(std::string_view text, std::size_t width) {
    if (display_width(text) <= width) return std::string(text);
    std::string kept;
    for (std::size_t left = width - 1; !text.empty();) {
        const Character character = first_character(text);
        if (character.width > left) break;
        kept += text.substr(0, character.bytes);
        left -= character.width;
        text.remove_prefix(character.bytes);
    }
    return kept.append(kEllipsis);
}

std::vector<std::size_t> Table::widths(const Screen& screen) const {
    std::vector<std::size_t> widths;
    for (const Column& column : columns_)
        widths.push_back(display_width(column.heading));
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], display_width(row[i]));
    }
    std::size_t total = kGap * (widths.size() - 1);
    for (const std::size_t width : widths)
        total += width;
    while (screen.is_terminal && total > screen.width) {
        const auto widest = std::max_element(widths.begin(), widths.end());
        const auto& heading = columns_[static_cast<std::size_t>(widest - widths.begin())].heading;
        if (*widest <= std::max(kNarrowest, display_width(heading))) break;
        --*widest;
        --total;
    }
    return widths;
}

void Table::print(const Screen& screen) const {
    const std::vector<std::size_t> widths = this->widths(screen);
    const auto line = [&](const auto& cell_at) {
        std::string text;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (i > 0) text.append(kGap, ' ');
            text += padded(cut(cell_at(i), widths[i]), widths[i], columns_[i].align);
        }
        return text.substr(0, text.find_last_not_of(' ') + 1);
    };
    const std::string headings = line([this](std::size_t i) { return columns_[i].heading; });
    screen.out << (screen.is_terminal ? "\x1b[1m" + headings + "\x1b[0m" : headings) << '\n';
    for (const auto& row : rows_)
        screen.out << line([&row](std::size_t i) { return row[i]; }) << '\n';
}

void Facts::add(std::string name, std::string value) {
    facts_.emplace_back(std::move(name), std::move(value));
}

void Facts::print(const Screen& screen) const {
    std::size_t width = 0;
    for (const auto& fact : facts_)
        width = std::max(width, display_width(fact.first));
    for (const auto& [name, value] : facts_) {
        std::string line = padded(name, width + kGap, Table::Align::left) + value;
        if (screen.is_terminal) line = cut(line, screen.width);
        screen.out << line << '\n';
    }
}

}  // namespace godwit::ctl
