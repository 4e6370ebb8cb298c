// The admin interface: an HTTP server on a thread of its own, which asks the node and never makes
// it wait.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "godwit/admin/node.hpp"
#include "godwit/admin/settings.hpp"

namespace godwit::admin {

// It cannot be opened; the text names the key, and the address or file, and the reason.
class InterfaceError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

// A file that the settings name is wrong, or cannot be read.
class FileError : public InterfaceError {
    using InterfaceError::InterfaceError;
};

// Looks at the files that the settings name, as opening it would; makes none. Throws FileError.
void check_files(const Settings& settings);

class Interface {
public:
    // Opens it, makes the token file where it is missing, and serves from now on. The node
    // outlives it. Throws InterfaceError. REQUIRES: settings.bind.
    Interface(const Settings& settings, Node& node);
    // Closes all connections; the node is not called any more.
    ~Interface();
    Interface(const Interface&) = delete;
    Interface& operator=(const Interface&) = delete;

    // With real ports: '127.0.0.1:18083'.
    [[nodiscard]] const std::vector<std::string>& addresses() const;

    // Reads the token file and the certificate again; connections that are there stay. Throws
    // InterfaceError, and then nothing has changed. Any thread.
    void reload();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace godwit::admin
