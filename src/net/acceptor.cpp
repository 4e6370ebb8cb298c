#include "acceptor.hpp"

#include <cerrno>
#include <system_error>

namespace godwit::net {

namespace {

constexpr int kAcceptMax = 128;  // connections a turn
constexpr std::chrono::milliseconds kPause{100};
constexpr std::chrono::seconds kWarningInterval{10};

// The process or the system has no more of something; clients that leave give it back.
bool is_exhaustion(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Acceptor::Acceptor(Descriptor socket, Door& door, std::size_t own,
                   const std::vector<std::unique_ptr<Worker>>& workers, const Warn& warn)
    : socket_(std::move(socket)),
      door_(door),
      own_(own),
      workers_(workers),
      warn_(warn),
      dealt_(workers.size()),
      next_(own) {
    this->own().loop().watch(socket_.get(), *this, EventLoop::Interest::read);
}

void Acceptor::close() {
    if (!socket_) return;
    own().loop().forget(*this);
    socket_.close();
}

void Acceptor::set_backlog(int backlog) {
    if (socket_) (void)listen(socket_.get(), backlog);  // as it has done before
}

void Acceptor::on_ready(Ready) {
    for (int i = 0; i < kAcceptMax && accept_one(); ++i) {
    }
    deal();
}

// False when there is nothing more to accept for now.
bool Acceptor::accept_one() {
    Address address;
    socklen_t size = Address::capacity();
    Descriptor socket(accept4(socket_.get(), address.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket) {
        admit(std::move(socket), address);
        return true;
    }
    if (is_exhaustion(errno)) pause(errno);
    // Other errors belong to a connection that is gone again.
    return errno == ECONNABORTED || errno == EPROTO || errno == EINTR;
}

void Acceptor::admit(Descriptor socket, const Address& address) {
    Place place = door_.enter();
    if (!place) return turn_away();
    dealt_[next_].push_back({Stream(std::move(socket), std::move(place)), address});
    next_ = (next_ + 1) % workers_.size();
}

void Acceptor::turn_away() {
    own().traffic().connections_turned_away.add();
    ++turned_away_;
    const core::SteadyTime now = own().now().steady;
    if (now < next_warning_) return;
    next_warning_ = now + kWarningInterval;
    warn_("listener '" + name() + "': too many connections, " +
          std::to_string(std::exchange(turned_away_, 0)) + " turned away");
}

std::string Acceptor::name() const {
    const std::shared_ptr<const Sign> sign = door_.sign();
    return sign != nullptr ? sign->listener : "";
}

void Acceptor::deal() {
    for (std::size_t i = 0; i < dealt_.size(); ++i) {
        if (dealt_[i].empty()) continue;
        Worker& worker = *workers_[i];
        if (i == own_) {
            worker.welcome(std::exchange(dealt_[i], {}));
        } else {
            worker.loop().post([&worker, batch = std::exchange(dealt_[i], {})]() mutable {
                worker.welcome(std::move(batch));
            });
        }
    }
}

void Acceptor::pause(int error) {
    if (!paused_) {
        warn_("listener '" + name() +
              "': accepting pauses: " + std::generic_category().message(error));
    }
    paused_ = true;
    own().loop().unwatch(socket_.get(), *this);
    own().loop().set_timer(*this, own().now().steady + kPause);
}

void Acceptor::on_timer() {
    if (!socket_) return;
    own().loop().watch(socket_.get(), *this, EventLoop::Interest::read);
    on_ready({.read = true, .write = false});
    if (!pending()) {
        paused_ = false;
        warn_("listener '" + name() + "': accepting goes on");
    }
}

}  // namespace godwit::net
