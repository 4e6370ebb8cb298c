// A record as the store writes it.
#pragma once

#include <string>

#include "record_codec.hpp"

namespace godwit::test {

template <typename Record>
std::string encoded(const Record& record) {
    std::string value;
    store::encode(record, value);
    return value;
}

}  // namespace godwit::test
