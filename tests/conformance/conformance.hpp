// What the conformance tests share. Each runs on every kind of broker that kBrokers names, and is
// called after the statements of the standard that it shows: MQTT_3_3_1_5_... is [MQTT-3.3.1-5]; a
// comment behind its first line may name more. scripts/conformance reads names and comments.
//
// Statements about CONNECT packets that are refused before there is a session, and about the
// network, are in tests/integration/test_conformance.py.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt_vectors.hpp"
#include "shard_harness.hpp"

namespace godwit::test {

using core::CloseReason;
using core::DropReason;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

struct BrokerKind {
    std::string_view name;
    std::size_t shards;
    Harness::Keeps keeps;
};

inline constexpr BrokerKind kBrokers[] = {
    {"OneShard", 1, Harness::Keeps::nothing},
    {"ThreeShards", 3, Harness::Keeps::nothing},
    {"OneDurableShard", 1, Harness::Keeps::state},
    {"ThreeDurableShards", 3, Harness::Keeps::state},
};

inline void PrintTo(const BrokerKind& kind, std::ostream* out) {
    *out << kind.name;
}

inline std::string name_of(const ::testing::TestParamInfo<BrokerKind>& kind) {
    return std::string(kind.param.name);
}

class OnEveryBroker : public ::testing::TestWithParam<BrokerKind> {
protected:
    // A clean session that is connected, its CONNACK already read.
    Client& client(std::string_view id) { return client({.client_id = std::string(id)}); }
    Client& client(const ConnectOptions& options) {
        Client& connected = broker.connect(options);
        EXPECT_EQ(connected.closed(), std::nullopt);
        connected.forget();
        return connected;
    }
    // As client(), with a subscription.
    Client& subscriber(std::string_view id, std::string_view filter, Qos qos = Qos::at_most_once) {
        return subscriber({.client_id = std::string(id)}, filter, qos);
    }
    Client& subscriber(const ConnectOptions& options, std::string_view filter,
                       Qos qos = Qos::at_most_once) {
        Client& subscribed = client(options);
        subscribed.subscribe(filter, qos);
        EXPECT_EQ(subscribed.received().back().codes.at(0), static_cast<std::uint8_t>(qos));
        subscribed.forget();
        return subscribed;
    }
    // What the client receives in answer to this, given as in mqtt_vectors.hpp.
    static std::vector<std::string> answer(Client& client, std::string_view packets) {
        client.forget();
        client.send(mqtt::test::vector_bytes(packets));
        return client.texts();
    }

    Harness broker{{}, GetParam().shards, GetParam().keeps};
};

// What the standard asks for.
class Conformance : public OnEveryBroker {};
// What Godwit promises beyond it.
class Contract : public OnEveryBroker {};

inline constexpr Qos kEveryQos[] = {Qos::at_most_once, Qos::at_least_once, Qos::exactly_once};

}  // namespace godwit::test
