// The configuration that a YAML text gives, or what is wrong with it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>

#include "godwit/config/load.hpp"

namespace godwit::test {

inline config::Config config_of(const std::string& yaml, const config::Flags& flags = {}) {
    config::Loaded loaded = config::load_text(yaml, "f.yaml", {}, flags);
    if (const auto* error = std::get_if<config::Error>(&loaded)) {
        ADD_FAILURE() << error->message;
        return {};
    }
    return std::get<config::Config>(std::move(loaded));
}

inline std::string error_of(const std::string& yaml) {
    const config::Loaded loaded = config::load_text(yaml, "f.yaml");
    const auto* error = std::get_if<config::Error>(&loaded);
    return error != nullptr ? error->message : "none";
}

}  // namespace godwit::test
