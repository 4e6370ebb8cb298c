#include "chance.hpp"

#include <sys/random.h>

#include <cerrno>
#include <system_error>

namespace godwit::server {

std::uint64_t Chance::next() {
    if (left_ == 0) {
        if (getrandom(numbers_.data(), sizeof numbers_, 0) != sizeof numbers_) {
            throw std::system_error(errno, std::generic_category(), "getrandom");
        }
        left_ = numbers_.size();
    }
    return numbers_[--left_];
}

}  // namespace godwit::server
