#include "godwit/core/message.hpp"

#include <new>

#include "godwit/mqtt/encoder.hpp"

namespace godwit::core {

MessagePtr Message::make(std::string_view topic, mqtt::Bytes payload) {
    const std::size_t header =
        mqtt::publish_header_size(topic.size(), payload.size(), mqtt::Qos::at_most_once);
    const std::size_t size = header + payload.size();
    void* block = ::operator new(sizeof(Message) + size);
    const auto* message = new (block)
        Message(static_cast<std::uint32_t>(size), static_cast<std::uint8_t>(header - topic.size()),
                static_cast<std::uint16_t>(topic.size()));
    auto* bytes = static_cast<std::byte*>(block) + sizeof(Message);
    bytes = mqtt::write_publish_header(bytes, topic, payload.size(), mqtt::Qos::at_most_once, false,
                                       false, 0);
    mqtt::write_bytes(bytes, payload.data(), payload.size());
    return MessagePtr(message);
}

void Message::destroy(const Message* message) {
    message->~Message();
    ::operator delete(const_cast<Message*>(message));
}

}  // namespace godwit::core
