#include "endpoints.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <sstream>

#include "godwit/admin/interface.hpp"

namespace godwit::admin {
namespace {

using boost::asio::ip::tcp;
using Error = boost::system::error_code;

std::string text_of(const tcp::endpoint& endpoint) {
    std::ostringstream text;
    text << endpoint;
    return text.str();
}

std::string text_of(const Endpoint& endpoint) {
    const bool is_v6 = endpoint.host.find(':') != std::string::npos;
    const std::string host = endpoint.host.empty() ? "*" : endpoint.host;
    return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(endpoint.port);
}

std::vector<tcp::endpoint> addresses_of(boost::asio::io_context& context, const Endpoint& endpoint,
                                        Error& error) {
    if (endpoint.host.empty()) {
        return {{boost::asio::ip::address_v4::any(), endpoint.port},
                {boost::asio::ip::address_v6::any(), endpoint.port}};
    }
    tcp::resolver resolver(context);
    std::vector<tcp::endpoint> found;
    for (const auto& one : resolver.resolve(endpoint.host, std::to_string(endpoint.port), error)) {
        if (std::find(found.begin(), found.end(), one.endpoint()) == found.end())
            found.push_back(one.endpoint());
    }
    return found;
}

std::unique_ptr<tcp::acceptor> open(boost::asio::io_context& context, const tcp::endpoint& at,
                                    Error& error) {
    auto acceptor = std::make_unique<tcp::acceptor>(context);
    acceptor->open(at.protocol(), error);
    if (!error) acceptor->set_option(tcp::acceptor::reuse_address(true), error);
    // Each family has a socket of its own.
    if (!error && at.address().is_v6()) {
        acceptor->set_option(boost::asio::ip::v6_only(true), error);
    }
    if (!error) acceptor->bind(at, error);
    if (!error) acceptor->listen(tcp::acceptor::max_listen_connections, error);
    return acceptor;
}

// A machine without IPv6 still has all addresses that it can have.
bool is_missing_family(const Error& error) {
    return error == boost::system::errc::address_family_not_supported ||
           error == boost::system::errc::address_not_available;
}

}  // namespace

Acceptors open_endpoints(boost::asio::io_context& context, const Endpoint& endpoint) {
    Acceptors acceptors;
    Error error;
    std::uint16_t port = endpoint.port;
    for (tcp::endpoint address : addresses_of(context, endpoint, error)) {
        address.port(port);
        auto acceptor = open(context, address, error);
        if (error && is_missing_family(error)) continue;
        if (error) break;
        port = acceptor->local_endpoint().port();
        acceptors.push_back(std::move(acceptor));
    }
    if (acceptors.empty() || (error && !is_missing_family(error))) {
        throw InterfaceError("admin.bind: cannot listen on " + text_of(endpoint) + ": " +
                             error.message());
    }
    return acceptors;
}

std::vector<std::string> texts_of(const Acceptors& acceptors) {
    std::vector<std::string> texts;
    for (const auto& acceptor : acceptors)
        texts.push_back(text_of(acceptor->local_endpoint()));
    return texts;
}

}  // namespace godwit::admin
