// Looking after the data directory of a broker that does not run: `godwit store`. Every call
// throws StoreError where the directory is not there, in use by another process, without data, or
// written by a newer version.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "godwit/core/stored_state.hpp"

namespace godwit::store {

struct Counts {
    std::uint64_t sessions = 0;
    std::uint64_t subscriptions = 0;
    std::uint64_t queued = 0;
    std::uint64_t incoming = 0;
    std::uint64_t wills = 0;
    std::uint64_t retained = 0;
    std::uint64_t publications = 0;
    std::uint64_t replays = 0;

    friend bool operator==(const Counts&, const Counts&) = default;
};

struct Findings {
    Counts good;
    std::uint64_t left_over = 0;        // good as well, of sessions or publications that are gone
    std::vector<std::string> problems;  // one line each, with family and key, or the file
    std::vector<std::string> notes;     // what is no damage and yet worth a line
};

// What is good is shown in the order of its keys; a session without its queue, of which each entry
// is shown by itself, after all sessions. Whoever wants to see less leaves a member empty.
struct Visitor {
    std::function<void(const core::StoredSession&)> session;
    std::function<void(const core::SessionRecord&, const core::QueueRecord&)> queued;
    std::function<void(const core::WillRecord&)> will;
    std::function<void(const core::RetainedRecord&)> retained;
    std::function<void(const core::LoggedPublication&)> publication;
};

// Reads all records and checks them and every checksum. Changes nothing in the directory.
[[nodiscard]] Findings verify(const std::filesystem::path& directory);

// Reads all records. Changes nothing in the directory.
[[nodiscard]] Findings read_stored(const std::filesystem::path& directory, const Visitor& visitor);

struct Repair {
    std::vector<std::string> problems;  // that were found; without any, nothing was done
    std::filesystem::path copy;         // of the directory as it was
    Counts kept;
    std::vector<std::pair<std::string, std::uint64_t>>
        dropped;  // records that were read, by family
    std::vector<std::string> notes;
};

// Copies a damaged directory to DIRECTORY.damaged-<UTC time>; then makes it one that a broker
// starts on, with all that can be read and is of use. Throws StoreError also where that fails; the
// copy stays.
[[nodiscard]] Repair repair(const std::filesystem::path& directory);

}  // namespace godwit::store
