# The libraries of others, all of them packages of Debian 12 (scripts/install-deps). Their headers lie
# in /usr/include and so are system headers, to which our warnings do not apply.

find_package(Threads REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(absl REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(CURL REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(systemd REQUIRED IMPORTED_TARGET libsystemd)
pkg_check_modules(argon2 REQUIRED IMPORTED_TARGET libargon2)
# Not find_package(prometheus-cpp): it asks for its HTTP server and what that is linked with.
pkg_check_modules(prometheus REQUIRED IMPORTED_TARGET prometheus-cpp-core)
# Not find_package(RocksDB): it asks for the development packages of what RocksDB is linked with.
pkg_check_modules(rocksdb REQUIRED IMPORTED_TARGET rocksdb)

# libjs-chart.js, a program for browsers.
find_file(CHART_JS chart.min.js PATHS /usr/share/javascript/chart.js REQUIRED NO_DEFAULT_PATH)

# Debian's libasio-dev brings headers only.
find_path(ASIO_INCLUDE_DIR asio.hpp REQUIRED)
add_library(godwit_asio INTERFACE)
add_library(godwit::asio ALIAS godwit_asio)
target_include_directories(godwit_asio SYSTEM INTERFACE ${ASIO_INCLUDE_DIR})
target_compile_definitions(godwit_asio INTERFACE ASIO_STANDALONE ASIO_NO_DEPRECATED)
target_link_libraries(godwit_asio INTERFACE Threads::Threads)

# ThreadSanitizer knows of what its library's threads do only where it compiles them itself.
add_library(godwit_spdlog INTERFACE)
add_library(godwit::spdlog ALIAS godwit_spdlog)
if(GODWIT_SANITIZE MATCHES "thread")
    target_link_libraries(godwit_spdlog INTERFACE spdlog::spdlog_header_only)
else()
    target_link_libraries(godwit_spdlog INTERFACE spdlog::spdlog)
endif()

# A sanitizer brings an allocator of its own.
if(GODWIT_MIMALLOC AND NOT GODWIT_SANITIZE)
    find_package(mimalloc QUIET)
endif()

if(GODWIT_TESTS)
    find_package(GTest REQUIRED)
endif()
