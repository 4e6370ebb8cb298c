// Names the instances of a test that runs in every sync mode.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "godwit/store/settings.hpp"

namespace godwit::test {

inline std::string sync_name(const testing::TestParamInfo<store::Sync>& tested) {
    switch (tested.param) {
        case store::Sync::always: return "always";
        case store::Sync::interval: return "interval";
        case store::Sync::never: return "never";
    }
    return "unknown";
}

}  // namespace godwit::test
