#include "call.hpp"

namespace godwit::admin {

Response json_response(const Json& json) {
    return {.status = 200, .content_type = "application/json", .body = to_text(json) + "\n"};
}

Response error_response(const Problem& problem) {
    Response response =
        json_response({{"error", {{"code", problem.code}, {"message", problem.message}}}});
    response.status = problem.status;
    if (problem.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
}

}  // namespace godwit::admin
