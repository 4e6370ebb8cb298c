#include "record_codec.hpp"

#include <array>
#include <chrono>
#include <limits>
#include <span>
#include <utility>

namespace godwit::store {

namespace {

using core::MessagePtr;
using mqtt::Qos;

// The largest remaining length of a packet, less the two bytes before the topic [MQTT-2.2.3].
constexpr std::size_t kTopicAndPayloadMax = 268'435'455 - 2;

// The kind of a will and, beside it, whether rules restrict its author.
constexpr std::uint8_t kWillKindMax =
    static_cast<std::uint8_t>(core::PublishTarget::Kind::reserved);
constexpr std::uint8_t kSuperuser = kWillKindMax + 1;
static_assert(kWillKindMax == 3);

std::string_view text_of(mqtt::Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <typename Enum>
void write_enum(Writer& writer, Enum value) {
    writer.u8(static_cast<std::uint8_t>(value));
}

template <typename Enum>
Enum read_enum(Reader& reader, Enum highest) {
    return static_cast<Enum>(reader.enumerator(static_cast<std::uint8_t>(highest)));
}

Qos read_qos(Reader& reader) {
    return read_enum(reader, Qos::exactly_once);
}

// The payload is the rest of the value, and so comes last.
std::string_view read_payload(Reader& reader, std::string_view topic) {
    const std::string_view payload = reader.rest();
    if (topic.size() > std::numeric_limits<std::uint16_t>::max() ||
        topic.size() + payload.size() > kTopicAndPayloadMax) {
        reader.fail();
    }
    return payload;
}

MessagePtr make_message(Reader& reader, std::string_view topic) {
    const std::string_view payload = read_payload(reader, topic);
    if (reader.failed()) return {};
    return core::Message::make(topic, std::as_bytes(std::span(payload)));
}

void write_message(Writer& writer, const core::Message& message) {
    writer.text(message.topic());
    writer.bytes(text_of(message.payload()));
}

MessagePtr read_message(Reader& reader) {
    const std::string_view topic = reader.text();
    return make_message(reader, topic);
}

template <typename T>
std::optional<T> if_done(const Reader& reader, T&& value) {
    if (!reader.done()) return std::nullopt;
    return std::forward<T>(value);
}

void write_receivers(Writer& writer, const std::vector<core::Receiver>& receivers) {
    writer.u32(static_cast<std::uint32_t>(receivers.size()));
    for (const core::Receiver& receiver : receivers) {
        writer.u32(receiver.slot);
        writer.u32(receiver.generation);
        write_enum(writer, receiver.qos);
        writer.u64(receiver.group);
        writer.flag(receiver.last_choice);
    }
}

// The count is not trusted with a reservation.
std::vector<core::Receiver> read_receivers(Reader& reader) {
    std::vector<core::Receiver> receivers;
    for (std::uint32_t left = reader.u32(); left > 0 && !reader.failed(); --left) {
        core::Receiver& receiver = receivers.emplace_back();
        receiver.slot = reader.u32();
        receiver.generation = reader.u32();
        receiver.qos = read_qos(reader);
        receiver.group = reader.u64();
        receiver.last_choice = reader.flag();
    }
    return receivers;
}

}  // namespace

void Writer::number(std::uint64_t value, unsigned size) {
    std::array<char, 8> bytes;
    for (unsigned i = size; i > 0; --i) {
        bytes[i - 1] = static_cast<char>(value & 0xFF);
        value >>= 8;
    }
    out_.append(bytes.data(), size);
}

void Writer::text(std::string_view value) {
    u32(static_cast<std::uint32_t>(value.size()));
    bytes(value);
}

void Writer::time(core::WallTime value) {
    using std::chrono::nanoseconds;
    const auto since = std::chrono::duration_cast<nanoseconds>(value.time_since_epoch());
    u64(static_cast<std::uint64_t>(since.count()));
}

std::string_view Reader::bytes(std::size_t size) {
    if (failed_ || size > in_.size()) {
        failed_ = true;
        return {};
    }
    const std::string_view taken = in_.substr(0, size);
    in_.remove_prefix(size);
    return taken;
}

std::uint64_t Reader::number(unsigned size) {
    std::uint64_t value = 0;
    for (const char byte : bytes(size))
        value = value << 8 | static_cast<unsigned char>(byte);
    return value;
}

std::string_view Reader::text() {
    const std::uint32_t size = u32();
    return bytes(size);
}

core::WallTime Reader::time() {
    const std::chrono::nanoseconds since(static_cast<std::int64_t>(u64()));
    return core::WallTime(std::chrono::duration_cast<core::WallTime::duration>(since));
}

std::uint8_t Reader::enumerator(std::uint8_t highest) {
    const std::uint8_t value = u8();
    if (value <= highest) return value;
    failed_ = true;
    return 0;
}

void encode(const core::SessionRecord& record, std::string& out) {
    Writer writer(out);
    writer.u16(record.handle.shard);
    writer.u32(record.handle.slot);
    writer.u32(record.handle.generation);
    writer.text(record.client_id);
    writer.flag(record.user_name.has_value());
    if (record.user_name) writer.text(*record.user_name);
    writer.text(record.mount_point);
    writer.flag(record.absence.has_value());
    if (record.absence) {
        writer.time(record.absence->since);
        writer.u64(record.absence->after);
    }
    if (record.superuser) writer.flag(true);
}

std::optional<core::SessionRecord> decode_session(core::Incarnation incarnation,
                                                  std::string_view value) {
    Reader reader(value);
    core::SessionRecord record;
    record.incarnation = incarnation;
    record.handle.shard = reader.u16();
    record.handle.slot = reader.u32();
    record.handle.generation = reader.u32();
    record.client_id = reader.text();
    if (reader.flag()) record.user_name = reader.text();
    record.mount_point = reader.text();
    if (reader.flag()) {
        const core::WallTime since = reader.time();
        record.absence = {since, reader.u64()};
    }
    // Records from before there were superusers end here, like those of all others.
    if (reader.has_more()) {
        record.superuser = reader.flag();
        if (!record.superuser) reader.fail();
    }
    return if_done(reader, std::move(record));
}

void encode(const core::SubscriptionRecord& record, std::string& out) {
    Writer writer(out);
    write_enum(writer, record.qos);
}

std::optional<core::SubscriptionRecord> decode_subscription(std::string_view filter,
                                                            std::string_view value) {
    Reader reader(value);
    core::SubscriptionRecord record;
    record.filter = filter;
    record.qos = read_qos(reader);
    return if_done(reader, std::move(record));
}

void encode(const core::ReplayRecord& record, std::string& out) {
    Writer writer(out);
    writer.text(record.filter);
    write_enum(writer, record.qos);
}

std::optional<core::ReplayRecord> decode_replay(std::uint64_t number, std::string_view value) {
    Reader reader(value);
    core::ReplayRecord record;
    record.number = number;
    record.filter = reader.text();
    record.qos = read_qos(reader);
    return if_done(reader, std::move(record));
}

void encode(const core::QueueRecord& record, std::string& out) {
    Writer writer(out);
    write_enum(writer, record.qos);
    writer.flag(record.retain);
    write_enum(writer, record.state);
    writer.u16(record.packet_id);
    writer.u64(record.group);
    writer.flag(record.sent_before);
    write_message(writer, *record.message);
}

std::optional<core::QueueRecord> decode_queued(core::Sequence sequence, std::string_view value,
                                               MessagePart message) {
    Reader reader(value);
    core::QueueRecord record;
    record.sequence = sequence;
    record.qos = read_qos(reader);
    record.retain = reader.flag();
    record.state = read_enum(reader, core::DeliveryState::done);
    record.packet_id = reader.u16();
    record.group = reader.u64();
    record.sent_before = reader.flag();
    if (message == MessagePart::take) {
        record.message = read_message(reader);
    } else {
        const std::string_view topic = reader.text();
        const std::size_t size = topic.size() + read_payload(reader, topic).size();
        record.left_size = static_cast<std::uint32_t>(size);
    }
    return if_done(reader, std::move(record));
}

void encode(const core::WillRecord& record, std::string& out) {
    Writer writer(out);
    writer.u8(static_cast<std::uint8_t>(static_cast<unsigned>(record.will.kind) |
                                        (record.author.superuser ? kSuperuser : 0)));
    write_enum(writer, record.will.qos);
    writer.flag(record.will.retain);
    writer.text(record.author.client_id);
    writer.text(record.author.user_name);
    writer.text(record.author.mount_point);
    writer.text(record.author.address);
    write_message(writer, *record.will.message);
}

std::optional<core::WillRecord> decode_will(std::string_view value) {
    Reader reader(value);
    core::WillRecord record;
    const std::uint8_t kind = reader.enumerator(kWillKindMax | kSuperuser);
    record.will.kind = static_cast<core::PublishTarget::Kind>(kind & kWillKindMax);
    record.author.superuser = (kind & kSuperuser) != 0;
    record.will.qos = read_qos(reader);
    record.will.retain = reader.flag();
    record.author.client_id = reader.text();
    record.author.user_name = reader.text();
    record.author.mount_point = reader.text();
    record.author.address = reader.text();
    record.will.message = read_message(reader);
    return if_done(reader, std::move(record));
}

void encode(const core::RetainedRecord& record, std::string& out) {
    Writer writer(out);
    write_enum(writer, record.qos);
    writer.flag(record.expires_at.has_value());
    if (record.expires_at) writer.time(*record.expires_at);
    writer.bytes(text_of(record.message->payload()));
}

std::optional<core::RetainedRecord> decode_retained(std::string_view topic,
                                                    std::string_view value) {
    Reader reader(value);
    core::RetainedRecord record;
    record.qos = read_qos(reader);
    if (reader.flag()) record.expires_at = reader.time();
    record.message = make_message(reader, topic);
    return if_done(reader, std::move(record));
}

void encode(const core::LoggedPublication& publication, std::string& out) {
    Writer writer(out);
    write_enum(writer, publication.qos);
    writer.flag(publication.retain);
    writer.u16(static_cast<std::uint16_t>(publication.receivers.size()));
    for (const auto& [shard, receivers] : publication.receivers) {
        writer.u16(shard);
        write_receivers(writer, receivers);
    }
    write_message(writer, *publication.message);
}

std::optional<core::LoggedPublication> decode_publication(std::string_view value) {
    Reader reader(value);
    core::LoggedPublication publication;
    publication.qos = read_qos(reader);
    publication.retain = reader.flag();
    for (std::uint16_t left = reader.u16(); left > 0 && !reader.failed(); --left) {
        const core::ShardIndex shard = reader.u16();
        publication.receivers.push_back({shard, read_receivers(reader)});
    }
    publication.message = read_message(reader);
    return if_done(reader, std::move(publication));
}

void encode(const std::vector<core::Receiver>& receivers, std::string& out) {
    Writer writer(out);
    write_receivers(writer, receivers);
}

std::optional<std::vector<core::Receiver>> decode_receivers(std::string_view value) {
    Reader reader(value);
    std::vector<core::Receiver> receivers = read_receivers(reader);
    return if_done(reader, std::move(receivers));
}

}  // namespace godwit::store
