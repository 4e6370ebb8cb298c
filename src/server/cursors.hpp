// Where a list goes on, as text: numbers with points between them and behind them, in the end a
// name. Whoever asks hands back what it was given; anything else decodes to nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "godwit/core/handle.hpp"
#include "godwit/core/inspection.hpp"

namespace godwit::server {

[[nodiscard]] std::string encode_place(const core::SessionPlace& place);
[[nodiscard]] std::string encode_place(const core::SubscriptionPlace& place);
[[nodiscard]] std::string encode_place(const core::RetainedPlace& place);

[[nodiscard]] bool decode_place(std::string_view text, core::SessionPlace& place);
[[nodiscard]] bool decode_place(std::string_view text, core::SubscriptionPlace& place);
[[nodiscard]] bool decode_place(std::string_view text, core::RetainedPlace& place);

// Takes a number and the point behind it off `text`.
[[nodiscard]] bool take_number(std::string_view& text, core::ShardIndex& number);

}  // namespace godwit::server
