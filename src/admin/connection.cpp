#include "connection.hpp"

#include <utility>

#include "problem.hpp"
#include "response_text.hpp"

namespace godwit::admin {

namespace {

core::SteadyTime now() {
    return std::chrono::steady_clock::now();
}

}  // namespace

Connection::Connection(std::unique_ptr<Channel> channel, Owner& owner, const Post& post)
    : channel_(std::move(channel)), owner_(owner), post_(post) {}

void Connection::enter(Phase phase, std::chrono::seconds at_most) {
    phase_ = phase;
    since_ = now();
    deadline_ = since_ + at_most;
}

void Connection::start() {
    enter(Phase::handshake, kHeaderMax);
    channel_->begin([self = shared_from_this()](Channel::Error error) {
        if (error) return self->close();
        self->phase_ = Phase::request;  // with the time that is left
        self->read();
    });
}

void Connection::close() {
    if (std::exchange(phase_, Phase::closed) == Phase::closed) return;
    channel_->close();
    events_.reset();
    source_.reset();
    owner_.forget(*this);
}

void Connection::check(core::SteadyTime time) {
    if (phase_ != Phase::stream) {
        if (time > deadline_) close();
    } else if (writing_) {
        if (time > deadline_) close();
    } else if (time > since_ + kStreamSilenceMax) {
        output_ = ":\n\n";
        write_all();
    }
}

void Connection::read() {
    if (phase_ == Phase::closed) return;
    const boost::asio::mutable_buffer into(chunk_.data(), chunk_.size());
    channel_->read_some(into, [self = shared_from_this()](Channel::Error error, std::size_t size) {
        if (error) return self->close();
        self->on_read({self->chunk_.data(), size});
    });
}

void Connection::on_read(std::string_view bytes) {
    if (phase_ == Phase::request) {
        reader_.feed(bytes);
        advance();
    } else {
        read();  // Nobody waits for it.
    }
}

void Connection::advance() {
    using State = RequestReader::State;
    switch (reader_.advance()) {
        case State::nothing: return read();
        case State::header:
            if (!std::exchange(in_header_, true)) enter(Phase::request, kHeaderMax);
            return read();
        case State::body: return take_body();
        case State::whole: return ask();
        case State::too_long: return refuse({431, "too_large", "the header is longer than 8 KiB"});
        case State::too_large: return refuse({413, "too_large", "the body is larger than 1 MiB"});
        case State::unsized:
            return refuse({411, "length_required", "a body needs a Content-Length"});
        case State::malformed: break;
    }
    refuse(bad_request("this is no HTTP request"));
}

void Connection::take_body() {
    try {
        owner_.api().check_body(reader_.header(), reader_.body_size());
    } catch (const Problem& problem) {
        return refuse(problem);
    }
    if (reader_.take_expectation()) return tell_to_go_on();
    if (std::exchange(in_header_, false)) enter(Phase::request, kBodyMax);
    read();
}

void Connection::tell_to_go_on() {
    enter(Phase::request, kBodyMax);
    in_header_ = false;
    output_ = "HTTP/1.1 100 Continue\r\n\r\n";
    channel_->write_some(boost::asio::buffer(output_),
                         [self = shared_from_this()](Channel::Error error, std::size_t) {
                             if (error) return self->close();
                             self->advance();
                         });
}

void Connection::ask() {
    in_header_ = false;
    enter(Phase::answer, kAnswerMax);
    const Request request = reader_.take();
    is_head_ = request.method == "HEAD";
    const bool closes = !reader_.keeps_alive();
    owner_.api().handle(request, [weak = weak_from_this(), closes](Response response) {
        if (const auto self = weak.lock()) self->respond(std::move(response), closes);
    });
}

void Connection::refuse(const Problem& problem) {
    is_head_ = false;
    enter(Phase::answer, kAnswerMax);
    respond(Api::refuse(problem), true);
}

void Connection::respond(Response response, bool closes) {
    if (phase_ != Phase::answer) return;
    if (response.events != nullptr && !is_head_ && !owner_.takes_stream()) {
        response = Api::refuse(unavailable("there are too many streams"));
    }
    closes_ = closes || response.events != nullptr;
    output_ = head_of(response, closes_);
    file_ = {};
    if (!is_head_) {
        output_ += response.body;
        file_ = response.file;
        events_ = std::move(response.events);
        source_ = std::move(response.source);
    }
    enter(Phase::response, kWriteMax);
    write_all();
}

// The output, and the file behind it.
void Connection::write_all() {
    writing_ = true;
    const std::string_view rest = written_ < output_.size()
                                      ? std::string_view(output_).substr(written_)
                                      : file_.substr(written_ - output_.size());
    deadline_ = now() + kWriteMax;
    channel_->write_some(boost::asio::buffer(rest.data(), rest.size()),
                         [self = shared_from_this()](Channel::Error error, std::size_t size) {
                             if (error) return self->close();
                             if (self->phase_ == Phase::closed) return;
                             self->written_ += size;
                             const std::size_t all = self->output_.size() + self->file_.size();
                             if (self->written_ < all) return self->write_all();
                             self->on_written();
                         });
}

void Connection::on_written() {
    writing_ = false;
    written_ = 0;
    std::string().swap(output_);
    file_ = {};
    if (phase_ == Phase::stream) {
        since_ = now();
        return pump();
    }
    if (events_ != nullptr) return begin_stream();
    if (closes_) return drain();
    enter(Phase::request, kIdleMax);
    advance();
}

void Connection::begin_stream() {
    enter(Phase::stream, kWriteMax);
    events_->notify([weak = weak_from_this(), post = post_] {
        post([weak] {
            if (const auto self = weak.lock()) self->pump();
        });
    });
    read();  // It tells when the client is gone.
}

void Connection::pump() {
    if (phase_ != Phase::stream || writing_) return;
    output_ = events_->take();
    if (!output_.empty()) {
        write_all();
    } else if (events_->exhausted()) {
        end_output();  // A stream reads already.
    }
}

// A client that still sends would lose the response if we closed at once.
void Connection::drain() {
    end_output();
    read();
}

void Connection::end_output() {
    enter(Phase::drain, kDrainMax);
    channel_->end_output();
}

}  // namespace godwit::admin
