// `godwit store`: what it prints about a data directory. Each returns the exit code.
#pragma once

#include <filesystem>

namespace godwit::cli {

[[nodiscard]] int store_verify(const std::filesystem::path& directory);
[[nodiscard]] int store_repair(const std::filesystem::path& directory);
[[nodiscard]] int store_export(const std::filesystem::path& directory);

}  // namespace godwit::cli
