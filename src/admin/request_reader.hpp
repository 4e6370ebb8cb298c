// Makes requests out of the bytes of a connection, by Boost.Beast's parser.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "message.hpp"

namespace godwit::admin {

class RequestReader {
public:
    static constexpr std::size_t kHeaderMax = 8 * 1024;
    static constexpr std::size_t kBodyMax = 1024UL * 1024;

    RequestReader();
    ~RequestReader();
    RequestReader(const RequestReader&) = delete;
    RequestReader& operator=(const RequestReader&) = delete;

    enum class State : std::uint8_t {
        nothing,  // no byte of a request is there
        header,   // a part of the header is
        body,     // the header is, and a part of the body
        whole,
        // No request can follow; the connection is to be closed.
        too_long,   // the header
        too_large,  // the body
        unsized,    // the body, which comes in chunks
        malformed,
    };

    void feed(std::string_view bytes) { input_.append(bytes); }
    // Looks at what was fed.
    [[nodiscard]] State advance();

    // REQUIRES: body. The request without its body, and how large that is or is announced to be.
    [[nodiscard]] Request header() const;
    [[nodiscard]] std::size_t body_size() const;

    // Since the last request: the client waits to be told to go on with the body. True once.
    [[nodiscard]] bool take_expectation();

    // REQUIRES: whole. What follows in the input belongs to the next request.
    [[nodiscard]] Request take();
    // Of the request that was taken: whether another one may follow.
    [[nodiscard]] bool keeps_alive() const { return keeps_alive_; }

private:
    class Parser;

    std::unique_ptr<Parser> parser_;
    std::string input_;
    bool keeps_alive_ = false;
    bool expectation_told_ = false;
};

}  // namespace godwit::admin
