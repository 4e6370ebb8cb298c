// One loop with the shard it drives and the connections on it. All calls on the loop's thread,
// unless said otherwise.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "connection.hpp"
#include "godwit/core/shard.hpp"
#include "godwit/net/event_loop.hpp"
#include "godwit/net/traffic.hpp"
#include "handshakes.hpp"
#include "newcomer.hpp"

namespace godwit::net {

class Worker final : private EventLoop::Turn {
public:
    // `workers`: those of all shards, by index, complete before run().
    Worker(core::ShardIndex index, EventLoop& loop, core::Shard& shard,
           const core::Commons& commons, core::Authenticator& authenticator,
           const std::vector<std::unique_ptr<Worker>>& workers);
    ~Worker();

    void run();  // until the loop is stopped

    // Takes connections that a listener dealt to this loop.
    void welcome(std::vector<Accepted> connections);

    // From now on these are in force. See core::Shard::enforce().
    void enforce(const core::Settings& settings, core::AccessPolicy& access,
                 core::Authenticator& authenticator);
    // The answer to a question, on the loop's thread.
    void on_verdict(std::uint64_t question, core::Verdict verdict);

    // Lets no more clients in, takes no more PUBLISHes and publishes the wills of all clients.
    void stop();
    // Whether the shard has answered everything since. Any thread.
    [[nodiscard]] bool settled() const { return settled_.load(std::memory_order_acquire); }
    // Closes every connection, once what waits for it is sent.
    void close_all();
    // Whether that is done too. Any thread.
    [[nodiscard]] bool at_rest() const { return at_rest_.load(std::memory_order_acquire); }

    [[nodiscard]] EventLoop& loop() { return loop_; }
    [[nodiscard]] const core::Now& now() const { return loop_.now(); }
    [[nodiscard]] core::Shard& shard() { return shard_; }
    [[nodiscard]] const core::Settings& settings() const { return shard_.settings(); }
    [[nodiscard]] core::Authenticator& authenticator() { return *authenticator_; }
    [[nodiscard]] Traffic& traffic() { return traffic_; }
    [[nodiscard]] Handshakes& handshakes() { return handshakes_; }

    // For the peers on this loop.

    // One for all of them, valid until the next read.
    [[nodiscard]] std::span<std::byte> read_buffer() const { return {read_buffer_.get(), kRead}; }
    void send_home(Handover handover);
    void flush_at_end(Connection& connection) { to_flush_.push_back(&connection); }
    void continue_at_end(Connection& connection) { to_continue_.push_back(&connection); }
    void want_another_turn() { another_turn_ = true; }
    void bury(Peer& peer);
    // The verdict on a newcomer reaches it by this number, if it is still there.
    [[nodiscard]] std::uint64_t ask(Newcomer& newcomer);
    void forget_asked(std::uint64_t question) { asked_.erase(question); }
    // To a client that nothing was sent before, so that there is room; where it still fails nobody
    // listens.
    void send_refusal(Stream& stream, mqtt::ConnackCode code);
    void report_refusal(std::string_view client_id, std::string_view address,
                        const core::Refusal& refusal);

private:
    static constexpr std::size_t kRead = 256 * 1024;  // bytes a connection may bring in one turn

    void begin() override;
    [[nodiscard]] std::optional<core::SteadyTime> end(const core::Now& now) override;
    void sleep() override { commons_.reclaimer.sleep(index_); }

    [[nodiscard]] std::optional<core::SteadyTime> next_turn(const core::Now& now) const;
    void receive(Handover handover);
    void turn_back(Handover handover);
    void add(std::unique_ptr<Peer> peer);
    void continue_readers();
    void flush_all();
    void dig_graves();

    const core::ShardIndex index_;
    EventLoop& loop_;
    core::Shard& shard_;
    const core::Commons& commons_;
    core::Authenticator* authenticator_;
    const std::vector<std::unique_ptr<Worker>>& workers_;
    Traffic traffic_;

    std::unique_ptr<std::byte[]> read_buffer_;
    // Before the peers, which take their names off these.
    Handshakes handshakes_;
    // Before those who refer to it.
    std::unordered_map<std::uint64_t, Newcomer*> asked_;
    std::uint64_t questions_ = 0;
    std::vector<std::unique_ptr<Peer>> peers_;
    std::vector<std::unique_ptr<Peer>> gone_;  // since this turn
    std::vector<Connection*> to_flush_;
    std::vector<Connection*> to_continue_;
    bool another_turn_ = false;
    bool stopping_ = false;
    std::atomic<bool> settled_{false};
    std::atomic<bool> at_rest_{false};
};

}  // namespace godwit::net
