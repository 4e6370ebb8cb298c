#include "channel.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <utility>

namespace godwit::admin {
namespace {

void end_output_of(Channel::Socket& socket) {
    Channel::Error ignored;
    socket.shutdown(Channel::Socket::shutdown_send, ignored);
}

void close_socket(Channel::Socket& socket) {
    Channel::Error ignored;
    socket.close(ignored);
}

class PlainChannel final : public Channel {
public:
    explicit PlainChannel(Socket socket) : socket_(std::move(socket)) {}

    void begin(Begun begun) override {
        boost::asio::post(socket_.get_executor(), [begun = std::move(begun)] { begun(Error()); });
    }
    void read_some(boost::asio::mutable_buffer into, Done done) override {
        socket_.async_read_some(into, std::move(done));
    }
    void write_some(boost::asio::const_buffer from, Done done) override {
        socket_.async_write_some(from, std::move(done));
    }
    void end_output() override { end_output_of(socket_); }
    void close() override { close_socket(socket_); }

private:
    Socket socket_;
};

class TlsChannel final : public Channel {
public:
    TlsChannel(Socket socket, std::shared_ptr<boost::asio::ssl::context> context)
        : context_(std::move(context)), stream_(std::move(socket), *context_) {}

    void begin(Begun begun) override {
        stream_.async_handshake(boost::asio::ssl::stream_base::server, std::move(begun));
    }
    void read_some(boost::asio::mutable_buffer into, Done done) override {
        stream_.async_read_some(into, std::move(done));
    }
    void write_some(boost::asio::const_buffer from, Done done) override {
        stream_.async_write_some(from, std::move(done));
    }
    void end_output() override { end_output_of(stream_.next_layer()); }
    void close() override { close_socket(stream_.next_layer()); }

private:
    const std::shared_ptr<boost::asio::ssl::context> context_;  // another one may come meanwhile
    boost::asio::ssl::stream<Socket> stream_;
};

}  // namespace

std::unique_ptr<Channel> plain_channel(Channel::Socket socket) {
    return std::make_unique<PlainChannel>(std::move(socket));
}

std::unique_ptr<Channel> tls_channel(Channel::Socket socket,
                                     std::shared_ptr<boost::asio::ssl::context> context) {
    return std::make_unique<TlsChannel>(std::move(socket), std::move(context));
}

}  // namespace godwit::admin
