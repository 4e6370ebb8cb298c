// The sockets at which the interface listens.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>
#include <vector>

#include "godwit/admin/settings.hpp"

namespace godwit::admin {

using Acceptors = std::vector<std::unique_ptr<boost::asio::ip::tcp::acceptor>>;

// All addresses of the endpoint, on one port. Throws InterfaceError.
[[nodiscard]] Acceptors open_endpoints(boost::asio::io_context& context, const Endpoint& endpoint);

// With real ports: '127.0.0.1:18083', '[::1]:18083'.
[[nodiscard]] std::vector<std::string> texts_of(const Acceptors& acceptors);

}  // namespace godwit::admin
