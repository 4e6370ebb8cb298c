#include "server.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "endpoints.hpp"
#include "godwit/admin/interface.hpp"
#include "godwit/core/mutex.hpp"

namespace godwit::admin {
namespace {

constexpr std::size_t kConnectionsMax = 2000;
constexpr std::size_t kStreamsMax = 200;
constexpr std::chrono::seconds kTick{1};
constexpr std::chrono::milliseconds kAcceptPause{100};

// Most descriptors are for clients of the broker.
std::size_t connections_by_descriptors() {
    constexpr std::size_t kShare = 16;
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return kConnectionsMax;
    return std::clamp<std::size_t>(limit.rlim_cur / kShare, kShare, kConnectionsMax);
}

}  // namespace

class Server::Desk {
public:
    explicit Desk(boost::asio::io_context& context) : context_(&context) {}

    void post(std::function<void()> work) {
        const core::MutexLock lock(mutex_);
        if (context_ != nullptr) boost::asio::post(*context_, std::move(work));
    }
    void close() {
        const core::MutexLock lock(mutex_);
        context_ = nullptr;
    }

private:
    core::Mutex mutex_;
    boost::asio::io_context* context_ GODWIT_GUARDED_BY(mutex_);
};

Server::Server(const Settings& settings, Node& node, std::string token, TlsContext tls)
    : connections_max_(connections_by_descriptors()),
      desk_(std::make_shared<Desk>(context_)),
      post_([desk = desk_](std::function<void()> work) { desk->post(std::move(work)); }),
      tls_(std::move(tls)),
      acceptors_(open_endpoints(context_, *settings.bind)),
      addresses_(texts_of(acceptors_)),
      api_(settings, node, std::move(token), post_) {
    for (const auto& acceptor : acceptors_)
        accept(*acceptor);
    tick();
}

Server::~Server() {
    desk_->close();
}

void Server::run() {
    context_.run();
}

void Server::stop() {
    desk_->post([this] { close_all(); });
}

void Server::set(std::string token, TlsContext tls) {
    desk_->post([this, token = std::move(token), tls = std::move(tls)] {
        api_.set_token(token);
        tls_ = tls;
    });
}

// Then nothing is left to wait for, and run() returns.
void Server::close_all() {
    stopping_ = true;
    timer_.cancel();
    for (const auto& acceptor : acceptors_)
        acceptor->close();
    const auto connections = connections_;
    for (const auto& [key, connection] : connections)
        connection->close();
}

void Server::accept(Tcp::acceptor& acceptor) {
    acceptor.async_accept(
        [this, &acceptor](const boost::system::error_code& error, Tcp::socket socket) {
            if (stopping_) return;
            if (!error) {
                welcome(std::move(socket));
                return accept(acceptor);
            }
            // Descriptors may be used up.
            (void)make_room();
            const auto pause = std::make_shared<boost::asio::steady_timer>(context_, kAcceptPause);
            pause->async_wait([this, &acceptor, pause](const boost::system::error_code&) {
                if (!stopping_) accept(acceptor);
            });
        });
}

void Server::welcome(Tcp::socket socket) {
    if (connections_.size() >= connections_max_ && !make_room()) return;
    boost::system::error_code ignored;
    socket.set_option(Tcp::no_delay(true), ignored);
    auto channel = tls_ ? tls_channel(std::move(socket), tls_) : plain_channel(std::move(socket));
    Connection::Owner& owner = *this;
    const auto connection = std::make_shared<Connection>(std::move(channel), owner, post_);
    connections_.emplace(connection.get(), connection);
    connection->start();
}

// Who has waited longest goes; where nobody waits for anything but us, who has been answered
// longest. Streams stay.
bool Server::make_room() {
    std::shared_ptr<Connection> oldest;
    for (const auto& [key, one] : connections_) {
        if (one->is_stream()) continue;
        if (oldest == nullptr || std::make_pair(!one->is_waiting(), one->since()) <
                                     std::make_pair(!oldest->is_waiting(), oldest->since())) {
            oldest = one;
        }
    }
    if (oldest != nullptr) oldest->close();
    return oldest != nullptr;
}

bool Server::takes_stream() {
    const auto streams = std::count_if(connections_.begin(), connections_.end(),
                                       [](auto& one) { return one.second->is_stream(); });
    return static_cast<std::size_t>(streams) < std::min(kStreamsMax, connections_max_ / 2);
}

void Server::forget(Connection& connection) {
    connections_.erase(&connection);
}

void Server::tick() {
    timer_.expires_after(kTick);
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (error || stopping_) return;
        api_.tick();
        const auto now = std::chrono::steady_clock::now();
        const auto connections = connections_;  // it changes where one is closed
        for (const auto& [key, connection] : connections)
            connection->check(now);
        tick();
    });
}

}  // namespace godwit::admin
