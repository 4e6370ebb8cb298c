#include "request_reader.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/string_body.hpp>

namespace godwit::admin {

namespace http = boost::beast::http;

class RequestReader::Parser : public http::request_parser<http::string_body> {
public:
    Parser() {
        header_limit(kHeaderMax);
        body_limit(kBodyMax);
    }
};

namespace {

using Fields = http::fields;

std::string text_of(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

std::optional<std::string> field(const Fields& fields, http::field name) {
    const auto found = fields.find(name);
    if (found == fields.end()) return std::nullopt;
    return text_of(found->value());
}

Request request_of(const http::request<http::string_body>& message) {
    return {.method = text_of(message.method_string()),
            .target = text_of(message.target()),
            .host = field(message, http::field::host),
            .origin = field(message, http::field::origin),
            .authorization = field(message, http::field::authorization),
            .cookies = field(message, http::field::cookie).value_or(""),
            .accept_encoding = field(message, http::field::accept_encoding).value_or(""),
            .if_none_match = field(message, http::field::if_none_match).value_or("")};
}

}  // namespace

RequestReader::RequestReader() : parser_(std::make_unique<Parser>()) {}

RequestReader::~RequestReader() = default;

RequestReader::State RequestReader::advance() {
    while (!input_.empty() && !parser_->is_done()) {
        boost::system::error_code error;
        const std::size_t used = parser_->put(boost::asio::buffer(input_), error);
        input_.erase(0, used);
        if (error == http::error::header_limit) return State::too_long;
        if (error == http::error::body_limit) return State::too_large;
        if (error && error != http::error::need_more) return State::malformed;
        if (parser_->is_header_done() && !parser_->eager()) {
            // Its parser of chunks fails an assertion of its own where they are malformed, and
            // nobody needs chunks for a JSON of at most 1 MiB.
            if (parser_->chunked()) return State::unsized;
            parser_->eager(true);
        }
        if (error || used == 0) break;
    }
    if (parser_->is_done()) return State::whole;
    if (parser_->is_header_done()) return State::body;
    return input_.empty() ? State::nothing : State::header;
}

Request RequestReader::header() const {
    return request_of(parser_->get());
}

std::size_t RequestReader::body_size() const {
    const auto announced = parser_->content_length();
    return std::max<std::size_t>(parser_->get().body().size(), announced ? *announced : 0);
}

bool RequestReader::take_expectation() {
    if (expectation_told_ || !parser_->is_header_done()) return false;
    expectation_told_ = true;
    return boost::beast::iequals(parser_->get()[http::field::expect], "100-continue");
}

Request RequestReader::take() {
    auto message = parser_->release();
    keeps_alive_ = message.keep_alive();
    expectation_told_ = false;
    parser_ = std::make_unique<Parser>();
    Request request = request_of(message);
    request.body = std::move(message.body());
    return request;
}

}  // namespace godwit::admin
