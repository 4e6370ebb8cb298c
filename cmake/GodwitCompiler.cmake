# godwit_base: what every target of the project is compiled with.

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

set(GODWIT_GENERATED_DIR ${CMAKE_CURRENT_BINARY_DIR}/generated)
configure_file(cmake/version.hpp.in ${GODWIT_GENERATED_DIR}/godwit/version.hpp @ONLY)

add_library(godwit_base INTERFACE)
add_library(godwit::base ALIAS godwit_base)
target_compile_features(godwit_base INTERFACE cxx_std_20)
target_include_directories(
    godwit_base
    INTERFACE ${CMAKE_CURRENT_SOURCE_DIR}/include ${GODWIT_GENERATED_DIR}
)
target_compile_options(
    godwit_base
    INTERFACE
        -Wall
        -Wextra
        -Wpedantic
        -Werror
        -Wshadow
        -Wconversion
        -Wno-sign-conversion
        -Wnon-virtual-dtor
        -Woverloaded-virtual
        -Wold-style-cast
        -Wcast-qual
        -Wimplicit-fallthrough
        $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
        # Leaving a member out of a designated initializer is how the code asks for its default.
        -Wno-missing-field-initializers
        # g++ 12 sees an overlap inside std::string that is not there (GCC bug 105651).
        $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
)

if(CMAKE_UNITY_BUILD)
    # g++ takes a file that is compiled with others for a header, which should have no unnamed namespace.
    target_compile_options(
        godwit_base
        INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>
    )
endif()

if(GODWIT_SANITIZE)
    target_compile_options(
        godwit_base
        INTERFACE
            -fsanitize=${GODWIT_SANITIZE}
            -fno-sanitize-recover=all
            -fno-omit-frame-pointer
            # The instrumented code hides initialisations from g++'s flow analysis.
            $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
    )
    target_link_options(godwit_base INTERFACE -fsanitize=${GODWIT_SANITIZE})
    if(GODWIT_SANITIZE MATCHES "thread")
        # g++ says that it does not instrument fences; Asio can do without them.
        target_compile_options(godwit_base INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
        target_compile_definitions(godwit_base INTERFACE ASIO_DISABLE_FENCED_BLOCK)
    endif()
endif()

if(GODWIT_LTO)
    set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
endif()
