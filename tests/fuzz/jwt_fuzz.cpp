// Anything may stand in the place of a token. Nobody here knows the secret, so nobody is let in.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "jwt.hpp"
#include "scratch_directory.hpp"

namespace {

using godwit::auth::Jwt;

Jwt make_jwt() {
    const godwit::test::ScratchDirectory directory;
    const std::filesystem::path file = directory.path() / "secret";
    std::ofstream(file) << "a secret that no input can contain, since it is not in the corpus";
    std::vector<std::string> warnings;
    return {{.secret_file = file, .algorithm = godwit::auth::JwtAlgorithm::hs256}, warnings};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Jwt jwt = make_jwt();
    const std::string_view token(reinterpret_cast<const char*>(data), size);
    if (std::holds_alternative<Jwt::Bearer>(jwt.examine(token, "alice", "c", {}))) std::abort();
    return 0;
}
