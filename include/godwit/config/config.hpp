// All that a user may set, in force together. Filled by load(); what it holds is checked, so
// whoever reads it need not check again. A plain value: copy it, hand it to a thread, keep an old
// one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "godwit/admin/settings.hpp"
#include "godwit/auth/acl.hpp"
#include "godwit/auth/settings.hpp"
#include "godwit/core/settings.hpp"
#include "godwit/core/time.hpp"
#include "godwit/net/settings.hpp"
#include "godwit/store/settings.hpp"

namespace godwit::config {

struct NodeSettings {
    std::string name;      // never empty once loaded: the host name by default
    std::string data_dir;  // never empty once loaded; nobody has created it yet
};

struct AuthSettings {
    // What listeners follow that say nothing themselves; each listener already carries the outcome.
    net::Anonymous anonymous = net::Anonymous::automatic;
    auth::Settings chain;
};

struct MemorySettings {
    std::size_t high_water = 0;  // bytes of process memory; 0: no limit
};

struct SysTopicsSettings {
    bool enabled = true;
    core::Duration interval = std::chrono::seconds{10};
};

enum class LogLevel : std::uint8_t { trace, debug, info, warning, error };

enum class LogFormat : std::uint8_t { text, json };

struct LogOutput {
    enum class Kind : std::uint8_t { standard_error, syslog, file };

    Kind kind = Kind::standard_error;
    std::string file;                            // of Kind::file, like what follows
    std::size_t max_size = 100UL * 1024 * 1024;  // bytes; at this size the file is rotated
    std::size_t max_files = 5;                   // rotated ones that are kept
};

struct LogSettings {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::text;
    std::vector<LogOutput> outputs{LogOutput{}};
};

struct Config {
    NodeSettings node;
    net::Settings net;
    AuthSettings auth;
    auth::AclSettings acl;
    core::Settings core;
    store::Settings persistence;
    MemorySettings memory;
    SysTopicsSettings sys_topics;
    LogSettings log;
    admin::Settings admin;
};

}  // namespace godwit::config
