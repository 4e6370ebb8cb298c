// Lets in whoever has proved a name by TLS, and everybody who comes through a listener that admits
// strangers, and takes them at their word: the authenticator while none is configured.
#pragma once

#include "godwit/core/authenticator.hpp"

namespace godwit::server {

class OpenDoor final : public core::Authenticator {
public:
    [[nodiscard]] std::optional<core::Verdict> authenticate(core::Credentials credentials,
                                                            Answer) override {
        if (credentials.certified_name) {
            return core::Identity{std::move(credentials.certified_name)};
        }
        if (credentials.anonymous) return core::Identity{std::move(credentials.user_name)};
        return core::Refusal{mqtt::ConnackCode::not_authorized, core::CloseReason::not_authorized,
                             "the listener admits no anonymous clients"};
    }
    [[nodiscard]] bool vouches_for(const core::Identity&) const override { return true; }
};

}  // namespace godwit::server
