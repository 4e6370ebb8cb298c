// The certificates and keys of one listener: what new connections get, replaced when the files
// change. Connections that are there keep what they began with. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "godwit/core/mutex.hpp"
#include "godwit/net/settings.hpp"

namespace godwit::net {

class TlsContext;

class Certificates {
public:
    // Reads nothing yet. `listener`: its index in the configuration.
    Certificates(TlsSettings settings, std::size_t listener);
    ~Certificates();

    // Null until a reload() has succeeded.
    [[nodiscard]] std::shared_ptr<const TlsContext> current() const;

    struct Reloaded {
        bool succeeded = false;             // if not, what was in force stays so
        std::vector<std::string> problems;  // a line each; not all of them keep it from succeeding
    };
    // Reads all files.
    Reloaded reload();

    // Whether a file is another one than at the last reload, and has been so for two calls: who
    // replaces certificate and key does so one after the other.
    [[nodiscard]] bool have_changed();

private:
    struct Stamp;  // of one file
    [[nodiscard]] std::vector<Stamp> stamps() const;

    const TlsSettings settings_;
    const std::size_t listener_;

    mutable core::Mutex mutex_;
    std::shared_ptr<const TlsContext> current_ GODWIT_GUARDED_BY(mutex_);

    core::Mutex reloading_;  // taken before the other one
    std::vector<Stamp> read_ GODWIT_GUARDED_BY(reloading_);
    std::vector<Stamp> seen_ GODWIT_GUARDED_BY(reloading_);
};

}  // namespace godwit::net
