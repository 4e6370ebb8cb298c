// One request on its way through its route: what it asks for, whom it may ask, and how it is
// answered. The admin thread's.
#pragma once

#include <exception>
#include <string>
#include <utility>

#include "credentials.hpp"
#include "godwit/admin/node.hpp"
#include "hub.hpp"
#include "json.hpp"
#include "message.hpp"
#include "parameters.hpp"
#include "problem.hpp"

namespace godwit::admin {

[[nodiscard]] Response json_response(const Json& json);
[[nodiscard]] Response error_response(const Problem& problem);

// What make() gives, or what the Problem says that it throws.
template <typename Make>
[[nodiscard]] Response response_of(Make make) {
    try {
        return make();
    } catch (const Problem& problem) {
        return error_response(problem);
    }
}

// What all routes share.
struct Services {
    Node& node;
    Hub& hub;
    const Credentials& credentials;
    const Post& post;
    bool over_tls = false;
};

struct Call {
    Services services;
    std::string argument;  // what stands for {...} in the route's path, decoded
    Parameters parameters;
    std::string body;
    Answer answer;

    [[nodiscard]] Node& node() const { return services.node; }

    // A Then that answers with what make(outcome) gives on the admin thread, whatever thread the
    // outcome comes on.
    template <typename Outcome, typename Make>
    [[nodiscard]] Then<Outcome> then(Make make) const {
        return [post = services.post, answer = answer, make](Outcome outcome) {
            post([answer, make, outcome = std::move(outcome)] {
                answer(response_of([&] { return make(outcome); }));
            });
        };
    }
};

}  // namespace godwit::admin
