// From requests to responses: who may ask, which route it is, and what every response carries. The
// admin thread's.
#pragma once

#include <string>

#include "call.hpp"
#include "credentials.hpp"
#include "godwit/admin/node.hpp"
#include "godwit/admin/settings.hpp"
#include "hub.hpp"
#include "message.hpp"
#include "routes.hpp"
#include "uri.hpp"

namespace godwit::admin {

class Api {
public:
    // The node outlives it.
    Api(const Settings& settings, Node& node, std::string token, Post post);

    // `answer` is called once, perhaps before this returns; while the node stops perhaps never.
    void handle(const Request& request, const Answer& answer);
    // Before a body is taken that is larger than a stranger has a reason to send: refuses one who
    // does not show that he may. Throws Problem.
    static constexpr std::size_t kStrangersBodyMax = 16 * 1024;
    void check_body(const Request& header, std::size_t bytes) const;

    // The response to what is not even a request.
    [[nodiscard]] static Response refuse(const Problem& problem);

    void set_token(std::string token) { credentials_.set_token(std::move(token)); }

    // Once a second.
    void tick() { hub_.tick(); }

private:
    void dispatch(const Request& request, const Answer& answer);
    void call_route(const Route& route, std::string_view argument, const Target& target,
                    const Request& request, const Answer& answer);
    [[nodiscard]] bool needs_token(const Route& route) const;

    const bool has_dashboard_;
    const bool open_metrics_;
    const bool over_tls_;
    const std::string node_name_;
    const Post post_;
    Node& node_;
    Hub hub_;
    Credentials credentials_;
};

}  // namespace godwit::admin
