// Accepts connections and looks after them, on one thread. However many slow clients there are, the
// next one is let in: the one that has waited longest gives way.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "api.hpp"
#include "connection.hpp"
#include "godwit/admin/settings.hpp"

namespace godwit::admin {

class Server final : private Connection::Owner {
public:
    using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

    // Opens what settings.bind names; throws InterfaceError. No TLS context: plain.
    Server(const Settings& settings, Node& node, std::string token, TlsContext tls);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] const std::vector<std::string>& addresses() const { return addresses_; }

    // Serves on the calling thread until stop().
    void run();
    void stop();  // any thread

    // For all requests and connections to come. Any thread.
    void set(std::string token, TlsContext tls);

private:
    using Tcp = boost::asio::ip::tcp;
    // Work for the thread, from others, until it has ended.
    class Desk;

    [[nodiscard]] Api& api() override { return api_; }
    [[nodiscard]] bool takes_stream() override;
    void forget(Connection& connection) override;

    void accept(Tcp::acceptor& acceptor);
    void welcome(Tcp::socket socket);
    bool make_room();
    void tick();
    void close_all();

    const std::size_t connections_max_;
    boost::asio::io_context context_{1};
    const std::shared_ptr<Desk> desk_;
    const Post post_;
    TlsContext tls_;
    std::vector<std::unique_ptr<Tcp::acceptor>> acceptors_;
    std::vector<std::string> addresses_;
    boost::asio::steady_timer timer_{context_};
    bool stopping_ = false;
    std::unordered_map<Connection*, std::shared_ptr<Connection>> connections_;
    Api api_;
};

}  // namespace godwit::admin
