// Everybody may do everything: the rights while no ACL exists.
#pragma once

#include "godwit/core/ports.hpp"

namespace godwit::server {

class OpenAccess final : public core::AccessPolicy {
public:
    [[nodiscard]] bool restricts() const override { return false; }
    [[nodiscard]] bool may_publish(const Client&, std::string_view) const override { return true; }
    [[nodiscard]] bool may_receive(const Client&, std::string_view) const override { return true; }
    [[nodiscard]] Scope may_subscribe(const Client&, std::string_view) const override {
        return Scope::all;
    }
};

}  // namespace godwit::server
