// How the connections of a run reach the broker: over TCP, TLS, WebSocket, or WebSocket over TLS.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "channel.hpp"
#include "options.hpp"
#include "tls_channel.hpp"

namespace godwit::bench {

class Transport {
public:
    // By the options --tls, --websocket and what goes with them.
    explicit Transport(const Options& options);

    // Null when packets go to the socket as they are. The transport outlives the channel.
    std::unique_ptr<Channel> make_channel() const;

    std::string_view name() const;                       // tcp, tls, websocket or wss.
    const TlsClient* tls() const { return tls_.get(); }  // Null without TLS.

private:
    std::unique_ptr<TlsClient> tls_;
    bool websocket_;
    std::string path_;
};

}  // namespace godwit::bench
