// The types that a key may have. Each codec reads into whatever member holds the value.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fault.hpp"
#include "godwit/config/nearest.hpp"
#include "godwit/core/address_range.hpp"
#include "godwit/core/time.hpp"
#include "units.hpp"

namespace godwit::config {

inline void write_quoted(YAML::Emitter& out, const std::string& text) {
    out << YAML::DoubleQuoted << text;
}

struct BooleanCodec {
    void read(bool& target, const YAML::Node& node, const std::string& key) const;
    void write(YAML::Emitter& out, bool value) const { out << (value ? "true" : "false"); }
};

// Any scalar, taken as it is written.
struct TextCodec {
    void read(std::string& target, const YAML::Node& node, const std::string& key) const;
    void write(YAML::Emitter& out, const std::string& value) const { write_quoted(out, value); }
};

struct IntegerCodec {
    std::int64_t min = 0;
    std::int64_t max = std::numeric_limits<std::int32_t>::max();

    template <typename Number>
    void read(Number& target, const YAML::Node& node, const std::string& key) const {
        target = static_cast<Number>(parse(node, key));
    }
    template <typename Number>
    void write(YAML::Emitter& out, Number value) const {
        out << std::to_string(static_cast<std::int64_t>(value));
    }

private:
    [[nodiscard]] std::int64_t parse(const YAML::Node& node, const std::string& key) const;
};

struct SizeCodec {
    std::uint64_t min = 0;
    std::uint64_t max = std::uint64_t{1} << 40;

    void read(std::size_t& target, const YAML::Node& node, const std::string& key) const;
    void write(YAML::Emitter& out, std::size_t value) const { out << format_size(value); }
};

struct DurationCodec {
    core::Duration min{0};
    core::Duration max = std::chrono::hours{24 * 36'500};
    bool or_zero = false;  // 0 is valid although it is below min

    void read(core::Duration& target, const YAML::Node& node, const std::string& key) const;
    void write(YAML::Emitter& out, core::Duration value) const { out << format_duration(value); }
};

// Permission bits of a file.
struct ModeCodec {
    void read(std::uint32_t& target, const YAML::Node& node, const std::string& key) const;
    void write(YAML::Emitter& out, std::uint32_t value) const {
        write_quoted(out, format_mode(value));
    }
};

struct AddressRangeCodec {
    void read(std::optional<core::AddressRange>& target, const YAML::Node& node,
              const std::string& key) const;
    void write(YAML::Emitter& out, const core::AddressRange& range) const {
        write_quoted(out, range.text());
    }
};

// One of several words.
template <typename Enum>
struct Choice {
    std::string_view word;
    Enum value;
};

// The word itself where it is valid, or a fault that names the valid ones.
[[nodiscard]] std::string_view choose(std::span<const std::string_view> words,
                                      const YAML::Node& node, const std::string& key);

template <typename Enum>
class ChoiceCodec {
public:
    ChoiceCodec(std::initializer_list<Choice<Enum>> choices) : choices_(choices) {}

    void read(Enum& target, const YAML::Node& node, const std::string& key) const {
        std::vector<std::string_view> words;
        for (const auto& choice : choices_)
            words.push_back(choice.word);
        const std::string_view word = choose(words, node, key);
        for (const auto& choice : choices_) {
            if (choice.word == word) target = choice.value;
        }
    }

    void write(YAML::Emitter& out, Enum value) const {
        for (const auto& choice : choices_) {
            if (choice.value == value) out << std::string(choice.word);
        }
    }

private:
    std::vector<Choice<Enum>> choices_;
};

}  // namespace godwit::config
