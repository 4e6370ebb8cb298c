// Why a request is not answered as it was meant. Thrown by whatever looks at a request, caught
// where its answer is made.
#pragma once

#include <string>
#include <string_view>

namespace godwit::admin {

struct Problem {
    unsigned status;        // of HTTP
    std::string_view code;  // for programs
    std::string message;    // for people
};

inline Problem bad_request(std::string message) {
    return {400, "bad_request", std::move(message)};
}
inline Problem not_found(std::string message) {
    return {404, "not_found", std::move(message)};
}
inline Problem unavailable(std::string message) {
    return {503, "unavailable", std::move(message)};
}

}  // namespace godwit::admin
