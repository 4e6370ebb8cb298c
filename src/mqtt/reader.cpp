#include "reader.hpp"

#include "godwit/mqtt/topic.hpp"

namespace godwit::mqtt {

std::uint8_t Reader::u8() {
    const Bytes field = take(1);
    return field.empty() ? std::uint8_t{0} : std::to_integer<std::uint8_t>(field[0]);
}

std::uint16_t Reader::u16() {
    const Bytes field = take(2);
    return field.empty() ? std::uint16_t{0} : read_u16(field);
}

PacketId Reader::packet_id() {
    const PacketId id = u16();
    if (id == 0) fail("packet identifier 0");
    return id;
}

Bytes Reader::binary() {
    return take(u16());
}

std::string_view Reader::utf8_string() {
    const std::string_view text = as_text(binary());
    if (!is_utf8_string(text)) {
        fail("string that is not UTF-8, or has a NUL");
        return {};
    }
    return text;
}

std::string_view Reader::topic_filter() {
    const std::string_view filter = utf8_string();
    if (filter.empty()) fail("empty topic filter");
    return filter;
}

void Reader::fail(std::string_view detail) {
    if (!error_) error_ = malformed(detail);
    rest_ = {};
}

std::optional<Error> Reader::finish() {
    if (!at_end()) fail("bytes behind the last field");
    return error_;
}

Bytes Reader::take(std::size_t size) {
    if (rest_.size() < size) {
        fail("packet ends within a field");
        return {};
    }
    const Bytes field = rest_.first(size);
    rest_ = rest_.subspan(size);
    return field;
}

}  // namespace godwit::mqtt
