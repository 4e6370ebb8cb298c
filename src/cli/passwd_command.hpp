// `godwit passwd`: adds, changes and removes users of a password file.
#pragma once

#include <string>

namespace godwit::cli {

struct PasswdRequest {
    std::string file;
    std::string user_name;
    bool password_from_stdin = false;  // else it is asked for at the terminal
    bool remove = false;
};

// Returns the exit code. The rest of the file stays as it is.
[[nodiscard]] int passwd(const PasswdRequest& request);

}  // namespace godwit::cli
