// Requests to the admin interface, from the bytes of a connection to their answers: cut into pieces
// they are the same requests; each is answered exactly once; and what is answered is a response
// that has the headers which guard it, and JSON where it says so.
//
// The first byte of the input chooses the sizes of the pieces.

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "api.hpp"
#include "fake_node.hpp"
#include "request_reader.hpp"
#include "response_text.hpp"

using namespace godwit::admin;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

struct Outcome {
    std::vector<Request> requests;
    RequestReader::State state = RequestReader::State::nothing;
};

bool is_end(RequestReader::State state) {
    return state == RequestReader::State::too_long || state == RequestReader::State::too_large ||
           state == RequestReader::State::unsized || state == RequestReader::State::malformed;
}

template <typename NextSize>
Outcome read(std::string_view input, NextSize next_size) {
    RequestReader reader;
    Outcome outcome;
    while (!input.empty() && !is_end(outcome.state)) {
        const std::string_view piece = input.substr(0, next_size());
        input.remove_prefix(piece.size());
        reader.feed(piece);
        outcome.state = reader.advance();
        while (outcome.state == RequestReader::State::whole) {
            outcome.requests.push_back(reader.take());
            outcome.state = reader.advance();
        }
    }
    return outcome;
}

void check(const Response& response) {
    require(response.status >= 200 && response.status < 600);
    const std::string head = head_of(response, false);
    require(head.starts_with("HTTP/1.1 ") && head.ends_with("\r\n\r\n"));
    require(head.find("\r\n\r\n") == head.size() - 4);
    require(head.find("Content-Security-Policy: default-src 'none'") != std::string::npos);
    if (response.content_type == "application/json" && response.file.empty()) {
        require(!Json::parse(response.body, nullptr, false).is_discarded());
    }
    if (response.events != nullptr) (void)response.events->take();
}

void answer(Request request) {
    static godwit::test::FakeNode node;
    static Api api({}, node, "the-token-of-this-fuzzer", [](const auto& work) { work(); });
    for (const bool with_token : {false, true}) {
        if (with_token) request.authorization = "Bearer the-token-of-this-fuzzer";
        int answers = 0;
        api.handle(request, [&](const Response& response) {
            ++answers;
            check(response);
        });
        require(answers == 1);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    const Outcome whole = read(input, [&] { return input.size(); });
    std::minstd_rand random(data[0]);
    const Outcome pieces = read(input, [&] { return 1 + random() % 7; });
    require(whole.requests.size() == pieces.requests.size());
    for (std::size_t i = 0; i < whole.requests.size(); ++i) {
        require(whole.requests[i].target == pieces.requests[i].target);
        require(whole.requests[i].body == pieces.requests[i].body);
        answer(whole.requests[i]);
    }
    return 0;
}
