// The core behind real sockets: a network with its loops on threads of their own, and clients that
// speak bytes to it. Reads block until the broker acts, so nothing sleeps.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "fake_ports.hpp"
#include "godwit/core/shard.hpp"
#include "godwit/mqtt/encoder.hpp"
#include "godwit/net/network.hpp"
#include "server_packet.hpp"

namespace godwit::test {

// What was reported, from any thread, and a wait for it.
class Reports {
public:
    void add(std::string line) {
        {
            const std::lock_guard lock(mutex_);
            lines_.push_back(std::move(line));
        }
        added_.notify_all();
    }
    // Until a line contains `text`; false when none came for long.
    [[nodiscard]] bool wait_for(std::string_view text) {
        std::unique_lock lock(mutex_);
        return added_.wait_for(lock, std::chrono::seconds(20), [&] {
            return std::any_of(lines_.begin(), lines_.end(), [&](const std::string& line) {
                return line.find(text) != std::string::npos;
            });
        });
    }

private:
    std::mutex mutex_;
    std::condition_variable added_;
    std::vector<std::string> lines_;
};

class ReportingEvents final : public core::Events {
public:
    explicit ReportingEvents(Reports& reports) : reports_(reports) {}

    void client_connected(const core::Arrival& arrival, bool) override {
        reports_.add("connected " + arrival.client_id + " from " + arrival.origin.address + " as " +
                     arrival.identity.user_name.value_or("nobody"));
    }
    void client_disconnected(std::string_view id, std::string_view, core::CloseReason reason,
                             std::string_view) override {
        add("disconnected", id, core::to_string(reason));
    }
    void connection_refused(std::string_view id, std::string_view, core::CloseReason reason,
                            std::string_view) override {
        add("refused", id, core::to_string(reason));
    }
    void takeovers_refused(std::string_view, std::string_view, std::string_view) override {}
    void session_expired(std::string_view) override {}
    void messages_dropped(std::string_view, core::DropReason, std::uint64_t) override {}

private:
    void add(std::string_view what, std::string_view id, std::string_view why) {
        reports_.add(std::string(what) + " '" + std::string(id) + "' " + std::string(why));
    }

    Reports& reports_;
};

// A client's end of a connection. Bytes it has not read yet stay in the socket.
class Socket {
public:
    explicit Socket(std::uint16_t port) : descriptor_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        open(reinterpret_cast<sockaddr*>(&address), sizeof address);
    }
    explicit Socket(const std::string& path) : descriptor_(socket(AF_UNIX, SOCK_STREAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
        open(reinterpret_cast<sockaddr*>(&address), sizeof address);
    }
    virtual ~Socket() { close(); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    void close() {
        if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    }

    void send(mqtt::Bytes bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = write_some(bytes);
            ASSERT_GT(sent, 0) << std::strerror(errno);
            bytes = bytes.subspan(static_cast<std::size_t>(sent));
        }
    }

    // The next packet as text; "closed" at the end of the stream.
    [[nodiscard]] std::string receive() {
        for (;;) {
            if (const auto packet = take_packet(received_)) return to_text(*packet);
            std::byte buffer[64 * 1024];
            const ssize_t bytes = read_some(buffer);
            if (bytes == 0 || (bytes < 0 && errno == ECONNRESET)) return "closed";
            if (bytes < 0) return "nothing came";
            received_.insert(received_.end(), buffer, buffer + bytes);
        }
    }

    // What is sent is collected until flush(), so that it leaves in one segment.
    Socket& connect(std::string_view client_id, std::uint16_t keep_alive = 0) {
        mqtt::append_connect(out_, {.keep_alive = keep_alive, .client_id = client_id});
        return *this;
    }
    Socket& subscribe(std::string_view filter, mqtt::Qos qos = mqtt::Qos::at_most_once) {
        mqtt::append_subscribe(out_, {1, {{filter, qos}}});
        return *this;
    }
    Socket& publish(std::string_view topic, std::string_view payload) {
        mqtt::append_publish(out_, {.topic = topic, .payload = as_bytes(payload)});
        return *this;
    }
    Socket& disconnect() {
        mqtt::append_disconnect(out_);
        return *this;
    }
    Socket& raw(std::string_view bytes) {
        out_.insert(out_.end(), as_bytes(bytes).begin(), as_bytes(bytes).end());
        return *this;
    }
    void flush() { send(std::exchange(out_, {})); }
    void flush_bytewise() {
        for (const std::byte& byte : std::exchange(out_, {}))
            send({&byte, 1});
    }

protected:
    // As send() and recv().
    virtual ssize_t write_some(mqtt::Bytes bytes) {
        return ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }
    virtual ssize_t read_some(std::span<std::byte> into) {
        return recv(descriptor_, into.data(), into.size(), 0);
    }
    [[nodiscard]] int descriptor() const { return descriptor_; }

private:
    void open(const sockaddr* address, socklen_t size) {
        const timeval patience{.tv_sec = 20, .tv_usec = 0};
        setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        if (::connect(descriptor_, address, size) != 0) {
            ADD_FAILURE() << "cannot connect: " << std::strerror(errno);
        }
    }

    int descriptor_;
    std::vector<std::byte> out_;
    std::vector<std::byte> received_;
};

class NetworkHarness {
public:
    explicit NetworkHarness(net::Settings settings = {}, core::Settings core_settings = {},
                            std::size_t shards = 1)
        : settings_(std::move(settings)),
          core_settings_(std::move(core_settings)),
          reclaimer_(shards),
          commons_{.shards = shards,
                   .hash_key = 1,
                   .settings = core_settings_,
                   .router = router_,
                   .retained = retained_,
                   .reclaimer = reclaimer_,
                   .events = events_,
                   .access = access_},
          network_(settings_, commons_, authenticator_,
                   [this](const std::string& line) { reports.add(line); }) {
        for (std::size_t i = 0; i < shards; ++i) {
            units_.push_back(std::make_unique<Unit>(*this, static_cast<core::ShardIndex>(i)));
            network_.add(units_.back()->loop, units_.back()->shard);
        }
        network_.listen();
        network_.accept();
        for (std::size_t i = 0; i < shards; ++i) {
            threads_.emplace_back([this, i] { network_.run(static_cast<core::ShardIndex>(i)); });
        }
    }
    ~NetworkHarness() {
        for (const auto& unit : units_)
            unit->loop.stop();
        threads_.clear();
    }

    [[nodiscard]] net::Network& network() { return network_; }
    [[nodiscard]] net::EventLoop& loop(std::size_t shard = 0) { return units_[shard]->loop; }

    // Whoever connects afterwards finds it in force.
    void enforce(const net::Settings& settings) {
        network_.enforce(settings, core_settings_, access_, authenticator_, [] {});
    }

    // Of the listener with the index, when it has one address.
    [[nodiscard]] std::uint16_t port(std::size_t listener = 0) const {
        const std::string address = network_.addresses().at(listener);
        return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
    }

    Reports reports;

private:
    // One shard with its loop; mail goes straight to the other loops.
    struct Unit final : core::Mailer {
        Unit(NetworkHarness& its_harness, core::ShardIndex its_index)
            : harness(its_harness),
              index(its_index),
              shard(its_index, its_harness.commons_, store, *this, random) {}

        [[nodiscard]] bool take_credit(core::ShardIndex, std::size_t) override { return true; }
        void return_credit(core::ShardIndex, std::size_t) override {}
        void send(core::ShardIndex to, core::Mail mail, std::size_t) override {
            Unit& there = *harness.units_[to];
            there.loop.post([&there, from = index, mail = std::move(mail)]() mutable {
                there.shard.on_mail(from, std::move(mail), there.loop.now());
            });
        }

        NetworkHarness& harness;
        const core::ShardIndex index;
        net::EventLoop loop{{std::chrono::steady_clock::now(), std::chrono::system_clock::now()}};
        FakeStore store{false};
        FakeRandom random;
        core::Shard shard;
    };

    ReportingEvents events_{reports};
    const net::Settings settings_;
    const core::Settings core_settings_;
    core::Reclaimer reclaimer_;
    core::Router router_{reclaimer_};
    core::RetainedTree retained_{reclaimer_};
    FakeAccess access_;
    Credulous authenticator_;
    core::Commons commons_;
    std::vector<std::unique_ptr<Unit>> units_;
    net::Network network_;
    std::vector<std::jthread> threads_;
};

// What a client that connects to the port is told first.
inline std::string answer_at(std::uint16_t port) {
    Socket client(port);
    client.connect("a").flush();
    return client.receive();
}

}  // namespace godwit::test
