// The figures of one run: one JSON object, printed as one line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace godwit::bench {

class Report {
public:
    void add_count(std::string_view key, std::uint64_t value);
    void add_figure(std::string_view key, double value, int decimals);  // Not finite: 0.
    void add_text(std::string_view key, std::string_view value);
    void add_flag(std::string_view key, bool value);

    std::string line() const;

private:
    void add(std::string_view key, std::string_view json_value);

    std::string members_;
};

}  // namespace godwit::bench
