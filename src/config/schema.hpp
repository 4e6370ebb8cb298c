// Every key that a user may set, in the order in which they are printed.
#pragma once

#include "codec.hpp"
#include "draft.hpp"
#include "field.hpp"

namespace godwit::config {

[[nodiscard]] const RecordCodec<Draft>& schema();

// The parts of it that fill a file of their own.
[[nodiscard]] Field<Draft> listeners_section();
[[nodiscard]] Field<Draft> auth_section();
[[nodiscard]] Field<Draft> acl_section();
[[nodiscard]] Field<Draft> log_section();
[[nodiscard]] Field<Draft> admin_section();

[[nodiscard]] ChoiceCodec<net::Anonymous> anonymous_codec();

}  // namespace godwit::config
