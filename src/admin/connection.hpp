// One HTTP connection: reads a request, waits for its answer, sends it, and so on; or streams
// events until it ends. Whoever is slow at any of it is given up. The admin thread's.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "api.hpp"
#include "channel.hpp"
#include "godwit/core/time.hpp"
#include "request_reader.hpp"

namespace godwit::admin {

class Connection : public std::enable_shared_from_this<Connection> {
public:
    static constexpr std::chrono::seconds kHeaderMax{10};  // from the first byte, or the accept
    static constexpr std::chrono::seconds kBodyMax{30};
    static constexpr std::chrono::seconds kAnswerMax{120};  // of ours
    static constexpr std::chrono::seconds kWriteMax{30};    // without a byte taken
    static constexpr std::chrono::seconds kIdleMax{60};
    static constexpr std::chrono::seconds kDrainMax{3};
    static constexpr std::chrono::seconds kStreamSilenceMax{15};

    // What connections share. It outlives them.
    class Owner {
    public:
        [[nodiscard]] virtual Api& api() = 0;
        [[nodiscard]] virtual bool takes_stream() = 0;  // there is room for one more
        virtual void forget(Connection& connection) = 0;

    protected:
        ~Owner() = default;
    };

    Connection(std::unique_ptr<Channel> channel, Owner& owner, const Post& post);

    void start();
    void close();

    // For the owner, about once a second: gives up what takes too long.
    void check(core::SteadyTime now);

    // It waits for a request, or for the rest of one, and since when.
    [[nodiscard]] bool is_waiting() const {
        return phase_ == Phase::handshake || phase_ == Phase::request;
    }
    [[nodiscard]] bool is_stream() const { return phase_ == Phase::stream; }
    [[nodiscard]] core::SteadyTime since() const { return since_; }

private:
    enum class Phase : std::uint8_t {
        handshake,
        request,
        answer,    // to come from the node
        response,  // on its way out
        stream,
        drain,  // what still comes after the last response is read and dropped
        closed,
    };

    void enter(Phase phase, std::chrono::seconds at_most);
    void read();
    void on_read(std::string_view bytes);
    void advance();
    void take_body();
    void tell_to_go_on();
    void ask();
    void refuse(const Problem& problem);
    void respond(Response response, bool closes);
    void write_all();
    void on_written();
    void begin_stream();
    void pump();
    void drain();
    void end_output();

    const std::unique_ptr<Channel> channel_;
    Owner& owner_;
    const Post& post_;

    Phase phase_ = Phase::handshake;
    core::SteadyTime since_;
    core::SteadyTime deadline_;
    RequestReader reader_;
    bool in_header_ = false;  // the first byte of a request is there
    bool is_head_ = false;    // the request wants no body

    std::array<char, 4096> chunk_{};
    std::string output_;
    std::string_view file_;  // behind the output
    std::size_t written_ = 0;
    bool writing_ = false;
    bool closes_ = false;

    // Of a stream.
    std::shared_ptr<EventQueue> events_;
    std::shared_ptr<void> source_;
};

}  // namespace godwit::admin
