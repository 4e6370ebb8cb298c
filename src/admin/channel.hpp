// A connection's bytes, plain or through TLS. The admin thread's. What is done asynchronously calls
// back later, never at once; a close() ends it with an error.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <functional>
#include <memory>

namespace godwit::admin {

class Channel {
public:
    using Socket = boost::asio::ip::tcp::socket;
    using Error = boost::system::error_code;
    using Begun = std::function<void(Error)>;
    using Done = std::function<void(Error, std::size_t bytes)>;

    virtual ~Channel() = default;
    Channel() = default;
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    virtual void begin(Begun begun) = 0;  // before anything else
    virtual void read_some(boost::asio::mutable_buffer into, Done done) = 0;
    virtual void write_some(boost::asio::const_buffer from, Done done) = 0;
    // Tells the other side that nothing more comes; what it sends can still be read.
    virtual void end_output() = 0;
    virtual void close() = 0;
};

[[nodiscard]] std::unique_ptr<Channel> plain_channel(Channel::Socket socket);

[[nodiscard]] std::unique_ptr<Channel> tls_channel(
    Channel::Socket socket, std::shared_ptr<boost::asio::ssl::context> context);

}  // namespace godwit::admin
