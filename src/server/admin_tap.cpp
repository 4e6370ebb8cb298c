// AdminNode: a subscription of its own.
#include <random>
#include <utility>

#include "admin_node.hpp"
#include "godwit/core/subscription.hpp"
#include "inner_client.hpp"

namespace godwit::server {

namespace {

// One that nobody hits upon, who might take it over.
std::string make_client_id() {
    static constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuv";
    std::random_device random;
    std::string id = "admin-";
    for (int i = 0; i < 16; ++i)
        id += kDigits[random() % kDigits.size()];
    return id;
}

// The client is made and unmade on its shard's thread, in this order, whoever holds the handle.
class InnerTap final : public admin::Tap {
public:
    InnerTap(Broker& broker, std::string_view filter, mqtt::Qos qos, admin::Receiver receiver)
        : broker_(broker),
          client_id_(make_client_id()),
          client_(std::make_shared<std::shared_ptr<InnerClient>>()) {
        broker_.post(home(), [this_client = client_, &broker, client_id = client_id_,
                              filter = std::string(filter), qos, receiver = std::move(receiver)](
                                 core::Shard& shard, const core::Now& now) {
            *this_client = std::make_shared<InnerClient>(broker, shard, receiver);
            (*this_client)->connect(client_id, filter, qos, now);
        });
    }
    ~InnerTap() override {
        broker_.post(home(), [client = std::move(client_)](core::Shard&, const core::Now& now) {
            (*client)->disconnect(now);
            client->reset();
        });
    }
    InnerTap(const InnerTap&) = delete;
    InnerTap& operator=(const InnerTap&) = delete;

private:
    [[nodiscard]] core::ShardIndex home() const { return broker_.home_of(client_id_); }

    Broker& broker_;
    const std::string client_id_;
    std::shared_ptr<std::shared_ptr<InnerClient>> client_;  // what it holds is the shard's
};

}  // namespace

std::unique_ptr<admin::Tap> AdminNode::subscribe(std::string_view filter, mqtt::Qos qos,
                                                 admin::Receiver receiver) {
    if (!core::parse_filter(filter)) return nullptr;
    return std::make_unique<InnerTap>(broker_, filter, qos, std::move(receiver));
}

}  // namespace godwit::server
