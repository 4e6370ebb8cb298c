// Hooks asked over HTTP with libcurl: one thread for all questions, many of them under way at once,
// so that a hook which is slow or dead delays nobody but those who ask about it.
#pragma once

#include <memory>
#include <string>

#include "hook.hpp"

namespace godwit::auth {

class CurlHook final : public Hook {
public:
    CurlHook();
    // Gives up what is under way: no reply comes any more.
    ~CurlHook() override;

    // No redirect is followed and no proxy of the environment asked: what is sent is a password.
    [[nodiscard]] bool ask(const HttpSettings& settings, std::string question,
                           Reply reply) override;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace godwit::auth
