// What an event loop calls: it has one descriptor or one deadline, or both.
#pragma once

#include "timer_wheel.hpp"

namespace godwit::net {

class Watched : public Timer {
public:
    // What the descriptor is ready for. Both when it has failed: reading or writing tells why.
    struct Ready {
        bool read;
        bool write;
    };
    virtual void on_ready(Ready ready) = 0;
    virtual void on_timer() = 0;

protected:
    ~Watched() = default;
};

}  // namespace godwit::net
