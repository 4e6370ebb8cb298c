// Packets as bytes, each with what it shows: the cases that the codec's tests share and that the
// fuzzers start from. Written as hexadecimal pairs and 'quoted text'.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "godwit/mqtt/error.hpp"

namespace godwit::mqtt::test {

struct ValidVector {
    std::string_view name;
    std::string_view text;
    // Encoding what it decodes to gives the same bytes again.
    bool canonical = true;
};

struct BadVector {
    std::string_view name;
    std::string_view text;
    Errc error = Errc::malformed_packet;
};

inline constexpr std::size_t kVectorPacketSizeMax = 1 << 20;  // the limit that the vectors assume

inline constexpr ValidVector kValidVectors[] = {
    {"connect_minimal", "10 0C 0004 'MQTT' 04 02 003C 0000"},
    {"connect_client_id", "10 0D 0004 'MQTT' 04 00 0000 0001 'a'"},
    {"connect_full",
     "10 24 0004 'MQTT' 04 F6 000A 0003 'cid' 0003 'w/t' 0003 00FF01 0004 'user' 0003 'p' 00FF"},
    {"connect_will_qos1_empty", "10 12 0004 'MQTT' 04 0C 0000 0001 'a' 0001 'w' 0000"},
    {"connect_user_name_alone", "10 0E 0004 'MQTT' 04 82 0000 0000 0000"},
    {"connect_mqtt31", "10 0F 0006 'MQIsdp' 03 02 003C 0001 'a'"},
    {"connect_mqtt31_full",
     "10 1D 0006 'MQIsdp' 03 CE 003C 0001 'a' 0001 'w' 0001 'm' 0002 'us' 0002 'pw'"},
    // MQTT 3.1, section 3.1: the remaining length takes precedence over the flags.
    {"connect_mqtt31_user_name_absent", "10 0F 0006 'MQIsdp' 03 C2 003C 0001 'a'", false},
    {"connect_mqtt31_password_absent", "10 12 0006 'MQIsdp' 03 C2 003C 0001 'a' 0001 'u'", false},
    // MQTT 3.1, section 3.1: without the will flag, the others of the will are disregarded.
    {"connect_mqtt31_will_flags_disregarded", "10 0F 0006 'MQIsdp' 03 3A 003C 0001 'a'", false},
    {"connack_accepted", "20 02 00 00"},
    {"connack_session_present", "20 02 01 00"},
    {"connack_refused", "20 02 00 05"},
    {"publish_qos0", "30 06 0003 'a/b' 'x'"},
    {"publish_qos0_retain", "31 06 0003 'a/b' 'x'"},
    {"publish_empty_payload", "30 03 0001 'a'"},
    {"publish_qos1", "32 08 0003 'a/b' 0007 'x'"},
    {"publish_qos1_dup_retain", "3B 08 0003 'a/b' 0007 'x'"},
    {"publish_qos2", "34 08 0003 'a/b' FFFF 'x'"},
    {"publish_qos2_dup", "3C 07 0003 'a/b' 0100"},
    {"publish_binary_payload", "30 07 0001 'a' 00 FF 80 0A"},
    {"publish_slash", "30 03 0001 '/'"},
    {"publish_dollar", "30 08 0006 '$local'"},
    {"publish_space", "30 05 0003 ' / '"},
    {"publish_bom", "30 06 0004 EF BB BF 'a'"},             // [MQTT-1.5.3-3]
    {"publish_control_characters", "30 05 0003 01 1F 7F"},  // Only U+0000 must be refused.
    {"publish_two_to_four_byte_characters", "30 0B 0009 C3A9 E282AC F09F8EB6"},
    {"publish_utf8_bounds", "30 17 0015 C280 DFBF E0A080 ED9FBF EE8080 F0908080 F48FBFBF"},
    {"publish_long_length_form", "30 86 00 0003 'a/b' 'x'", false},
    {"publish_longest_length_form", "30 86 80 80 00 0003 'a/b' 'x'", false},
    {"puback", "40 02 0001"},
    {"pubrec", "50 02 1234"},
    {"pubrel", "62 02 1234"},
    {"pubcomp", "70 02 FFFF"},
    {"subscribe_one", "82 08 000A 0003 'a/b' 01"},
    {"subscribe_three", "82 15 0001 0001 '#' 02 0003 '+/+' 00 0006 'sport/' 01"},
    // Whether its wildcards are in place is not for the decoder to say.
    {"subscribe_filter_of_misplaced_wildcards", "82 08 0001 0003 'a#+' 00"},
    {"suback", "90 06 000A 00 01 02 80"},
    {"unsubscribe_one", "A2 07 000A 0003 'a/b'"},
    {"unsubscribe_two", "A2 0A 000A 0001 '#' 0003 'a/b'"},
    {"unsuback", "B0 02 000A"},
    {"pingreq", "C0 00"},
    {"pingresp", "D0 00"},
    {"disconnect", "E0 00"},
};

inline constexpr BadVector kBadVectors[] = {
    // Fixed header.
    {"type_0", "00 00"},
    {"type_15", "F0 00"},
    {"connect_flags", "11 0C 0004 'MQTT' 04 02 003C 0000"},  // [MQTT-2.2.2-2]
    {"puback_flags", "42 02 0001"},
    {"pubrel_flags", "60 02 0001"},                   // [MQTT-3.6.1-1]
    {"subscribe_flags", "80 08 000A 0003 'a/b' 01"},  // [MQTT-3.8.1-1]
    {"subscribe_dup", "8A 08 000A 0003 'a/b' 01"},
    {"unsubscribe_flags", "A1 07 000A 0003 'a/b'"},  // [MQTT-3.10.1-1]; Adafruit's library, 2.6.5
    {"pingreq_flags", "C1 00"},
    {"disconnect_flags", "E8 00"},  // [MQTT-3.14.1-1]
    {"remaining_length_of_five_bytes", "30 80 80 80 80 01"},
    {"packet_over_the_limit", "30 80 80 40", Errc::packet_too_large},
    {"packet_of_the_largest_length", "30 FF FF FF 7F", Errc::packet_too_large},

    // CONNECT.
    {"connect_empty", "10 00"},
    {"connect_without_level", "10 06 0004 'MQTT'"},
    {"connect_name_cut", "10 05 0004 'MQT'"},
    {"connect_name_not_utf8", "10 0C 0004 'MQT' FF 04 02 003C 0000"},
    {"connect_reserved_flag", "10 0C 0004 'MQTT' 04 03 003C 0000"},  // [MQTT-3.1.2-3]
    {"connect_mqtt31_reserved_flag", "10 0F 0006 'MQIsdp' 03 03 003C 0001 'a'"},
    {"connect_will_qos_without_will", "10 0C 0004 'MQTT' 04 0A 003C 0000"},     // [MQTT-3.1.2-13]
    {"connect_will_retain_without_will", "10 0C 0004 'MQTT' 04 22 003C 0000"},  // [MQTT-3.1.2-15]
    {"connect_will_qos3", "10 11 0004 'MQTT' 04 1E 003C 0000 0001 'w' 0000"},   // [MQTT-3.1.2-14]
    {"connect_password_without_user_name",
     "10 0F 0004 'MQTT' 04 42 003C 0000 0001 'p'"},  // [MQTT-3.1.2-22]
    {"connect_mqtt31_password_without_user_name",
     "10 12 0006 'MQIsdp' 03 42 003C 0001 'a' 0001 'p'"},
    {"connect_without_client_id", "10 0A 0004 'MQTT' 04 02 003C"},  // [MQTT-3.1.3-3]
    {"connect_client_id_cut", "10 0E 0004 'MQTT' 04 02 003C 0003 'ab'"},
    {"connect_client_id_not_utf8", "10 0D 0004 'MQTT' 04 02 003C 0001 FF"},  // [MQTT-3.1.3-4]
    {"connect_client_id_with_nul", "10 0D 0004 'MQTT' 04 02 003C 0001 00"},  // [MQTT-1.5.3-2]
    {"connect_will_absent", "10 0C 0004 'MQTT' 04 06 003C 0000"},            // [MQTT-3.1.2-9]
    {"connect_will_message_absent", "10 0F 0004 'MQTT' 04 06 003C 0000 0001 'w'"},
    {"connect_will_topic_empty", "10 10 0004 'MQTT' 04 06 003C 0000 0000 0000"},
    {"connect_will_topic_wildcard", "10 11 0004 'MQTT' 04 06 003C 0000 0001 '#' 0000"},
    {"connect_will_topic_not_utf8",
     "10 11 0004 'MQTT' 04 06 003C 0000 0001 FF 0000"},                           // [MQTT-3.1.3-10]
    {"connect_user_name_absent", "10 0C 0004 'MQTT' 04 82 003C 0000"},            // [MQTT-3.1.2-19]
    {"connect_user_name_not_utf8", "10 0F 0004 'MQTT' 04 82 003C 0000 0001 FF"},  // [MQTT-3.1.3-11]
    {"connect_password_absent", "10 0F 0004 'MQTT' 04 C2 003C 0000 0001 'u'"},    // [MQTT-3.1.2-21]
    {"connect_mqtt31_user_name_cut", "10 11 0006 'MQIsdp' 03 82 003C 0001 'a' 0001"},
    {"connect_user_name_not_flagged", "10 0F 0004 'MQTT' 04 02 003C 0000 0001 'u'"},
    {"connect_bytes_behind", "10 0D 0004 'MQTT' 04 02 003C 0000 00"},

    // Protocols that we do not speak; what follows the level is of a layout unknown to us.
    {"connect_level_5", "10 0D 0004 'MQTT' 05 02 003C 00 0000", Errc::unsupported_protocol_level},
    {"connect_level_3_of_mqtt", "10 0C 0004 'MQTT' 03 02 003C 0000",
     Errc::unsupported_protocol_level},
    {"connect_level_4_of_mqisdp", "10 0E 0006 'MQIsdp' 04 02 003C 0000",
     Errc::unsupported_protocol_level},
    {"connect_bridge_level_0x84", "10 0C 0004 'MQTT' 84 02 003C 0000",
     Errc::unsupported_protocol_level},
    {"connect_bridge_level_0x83", "10 0E 0006 'MQIsdp' 83 02 003C 0000",
     Errc::unsupported_protocol_level},
    {"connect_name_in_lower_case", "10 0C 0004 'mqtt' 04 02 003C 0000",
     Errc::unsupported_protocol_level},
    {"connect_name_empty", "10 08 0000 04 02 003C 0000", Errc::unsupported_protocol_level},
    {"connect_unknown_level_alone", "10 07 0004 'MQTT' 06", Errc::unsupported_protocol_level},

    // CONNACK.
    {"connack_short", "20 01 00"},
    {"connack_long", "20 03 00 00 00"},
    {"connack_reserved_flag", "20 02 02 00"},
    {"connack_reserved_code", "20 02 00 06"},
    {"connack_session_present_though_refused", "20 02 01 05"},  // [MQTT-3.2.2-4]

    // PUBLISH.
    {"publish_qos3", "36 08 0003 'a/b' 0007 'x'"},  // [MQTT-3.3.1-4]
    {"publish_qos0_dup", "38 06 0003 'a/b' 'x'"},   // [MQTT-3.3.1-2]
    {"publish_empty", "30 00"},
    {"publish_topic_size_cut", "30 01 00"},
    {"publish_topic_cut", "30 04 0003 'a/'"},
    {"publish_topic_empty", "30 03 0000 'x'"},   // [MQTT-4.7.3-1]
    {"publish_topic_plus", "30 05 0003 'a/+'"},  // [MQTT-3.3.2-2]
    {"publish_topic_hash", "30 0C 000A 'aaaaaaaa/#'"},
    {"publish_topic_nul", "30 05 0003 'a' 00 'b'"},  // [MQTT-1.5.3-2]
    {"publish_topic_nul_in_long_topic", "30 0B 0009 'aaaa' 00 'bbbb'"},
    {"publish_topic_surrogate", "30 05 0003 ED A0 80"},  // [MQTT-1.5.3-1]
    {"publish_topic_last_surrogate", "30 05 0003 ED BF BF"},
    {"publish_topic_overlong_slash", "30 04 0002 C0 AF"},
    {"publish_topic_overlong_nul", "30 04 0002 C0 80"},
    {"publish_topic_overlong_of_three", "30 05 0003 E0 9F BF"},
    {"publish_topic_overlong_of_four", "30 06 0004 F0 8F BF BF"},
    {"publish_topic_above_last_character", "30 06 0004 F4 90 80 80"},
    {"publish_topic_lead_f5", "30 06 0004 F5 80 80 80"},
    {"publish_topic_continuation_alone", "30 04 0002 'a' 80"},
    {"publish_topic_character_cut", "30 04 0002 E2 82"},
    {"publish_topic_character_broken", "30 05 0003 E2 82 'a'"},
    {"publish_packet_id_cut", "32 06 0003 'a/b' 00"},
    {"publish_packet_id_absent", "34 05 0003 'a/b'"},
    {"publish_packet_id_0", "32 07 0003 'a/b' 0000"},  // [MQTT-2.3.1-1]

    // Acknowledgements.
    {"puback_empty", "40 00"},
    {"puback_short", "40 01 00"},
    {"pubrec_long", "50 03 0001 00"},
    {"pubrel_packet_id_0", "62 02 0000"},  // [MQTT-2.3.1-1]
    {"pubcomp_packet_id_0", "70 02 0000"},
    {"unsuback_packet_id_0", "B0 02 0000"},

    // SUBSCRIBE and SUBACK.
    {"subscribe_empty", "82 00"},
    {"subscribe_without_filter", "82 02 000A"},             // [MQTT-3.8.3-3]
    {"subscribe_packet_id_0", "82 08 0000 0003 'a/b' 01"},  // [MQTT-2.3.1-1]
    {"subscribe_qos3", "82 08 000A 0003 'a/b' 03"},         // [MQTT-3-8.3-4]
    {"subscribe_reserved_qos_bits", "82 08 000A 0003 'a/b' 81"},
    {"subscribe_qos_absent", "82 07 000A 0003 'a/b'"},
    {"subscribe_filter_cut", "82 06 000A 0003 'a/'"},
    {"subscribe_second_filter_cut", "82 09 000A 0003 'a/b' 01 00"},
    {"subscribe_filter_empty", "82 05 000A 0000 01"},        // [MQTT-4.7.3-1]
    {"subscribe_filter_not_utf8", "82 06 000A 0001 FF 01"},  // [MQTT-3.8.3-1]
    {"subscribe_filter_nul", "82 06 000A 0001 00 01"},       // [MQTT-1.5.3-2]
    {"suback_without_code", "90 02 000A"},
    {"suback_reserved_code", "90 03 000A 03"},  // [MQTT-3.9.3-2]
    {"suback_packet_id_0", "90 03 0000 00"},

    // UNSUBSCRIBE.
    {"unsubscribe_without_filter", "A2 02 000A"},          // [MQTT-3.10.3-2]
    {"unsubscribe_packet_id_0", "A2 07 0000 0003 'a/b'"},  // [MQTT-2.3.1-1]
    {"unsubscribe_filter_cut", "A2 06 000A 0003 'a/'"},
    {"unsubscribe_filter_empty", "A2 04 000A 0000"},        // [MQTT-4.7.3-1]
    {"unsubscribe_filter_not_utf8", "A2 05 000A 0001 80"},  // [MQTT-3.10.3-1]

    // Packets that have no body.
    {"pingreq_with_body", "C0 01 00"},
    {"pingresp_with_body", "D0 01 00"},
    {"disconnect_with_body", "E0 01 00"},
};

// The bytes that a vector's text stands for.
inline std::vector<std::byte> vector_bytes(std::string_view text) {
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'A' + 10; };
    std::vector<std::byte> bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == ' ') continue;
        if (text[i] == '\'') {
            while (text[++i] != '\'')
                bytes.push_back(static_cast<std::byte>(text[i]));
            continue;
        }
        const int high = digit(text[i]);
        bytes.push_back(static_cast<std::byte>(high * 16 + digit(text[++i])));
    }
    return bytes;
}

}  // namespace godwit::mqtt::test
