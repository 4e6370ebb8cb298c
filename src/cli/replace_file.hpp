// A file whose content changes all at once, or not at all.
#pragma once

#include <string>

namespace godwit::cli {

// The whole content; empty where there is no such file, which `exists` tells. Throws
// std::system_error.
[[nodiscard]] std::string read_file(const std::string& path, bool& exists);

// Puts this content on the disk in the place of what is there, with the mode and owner of that; a
// new file gets mode 0600, or 0640 where the directory passes its group on (setgid). Who reads
// meanwhile sees the one or the other. Throws std::system_error.
void replace_file(const std::string& path, const std::string& content);

}  // namespace godwit::cli
