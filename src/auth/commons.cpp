#include "commons.hpp"

#include <utility>

#include "curl_hook.hpp"

namespace godwit::auth {
namespace {

// More would not be checked before their clients give up.
constexpr std::size_t kPasswordsWaitingMax = 1024;

}  // namespace

Commons::Parts::Parts(std::size_t hashing_threads, Clock its_clock, Warn its_warn,
                      std::unique_ptr<Hook> its_hook)
    : clock(std::move(its_clock)),
      warn(std::move(its_warn)),
      hashing(hashing_threads, kPasswordsWaitingMax),
      hook(std::move(its_hook)) {}

Commons::Commons(std::size_t hashing_threads, Clock clock, Warn warn)
    : Commons(std::make_unique<Parts>(hashing_threads, std::move(clock), std::move(warn),
                                      std::make_unique<CurlHook>())) {}

Commons::Commons(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Commons::~Commons() = default;

}  // namespace godwit::auth
