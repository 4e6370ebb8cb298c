// All bytes of a file, at once: by iterators a large one takes seconds under a sanitizer.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

namespace godwit::test {

inline std::string content_of(const std::filesystem::path& path) {
    std::string content(std::filesystem::file_size(path), '\0');
    std::ifstream(path, std::ios::binary)
        .read(content.data(), static_cast<std::streamsize>(content.size()));
    return content;
}

}  // namespace godwit::test
