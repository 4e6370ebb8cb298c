# godwit_layer(<name> DEPENDS <layers below> LIBRARIES <libraries of others>)
#
# Makes the static library godwit_<name>, alias godwit::<name>, from src/<name>/*.cpp. Layers below are
# public: their headers appear in ours. Libraries of others stay inside the layer. A layer without
# sources is headers alone. main.cpp belongs to the executable, see godwit_daemon().
function(godwit_layer name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPENDS;LIBRARIES")
    list(TRANSFORM arg_DEPENDS PREPEND godwit::)

    file(GLOB sources CONFIGURE_DEPENDS src/${name}/*.cpp)
    list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")

    set(target godwit_${name})
    if(sources)
        add_library(${target} STATIC ${sources})
        target_include_directories(${target} PRIVATE src/${name})
        target_link_libraries(${target} PUBLIC godwit::base ${arg_DEPENDS} PRIVATE ${arg_LIBRARIES})
    else()
        add_library(${target} INTERFACE)
        target_link_libraries(${target} INTERFACE godwit::base ${arg_DEPENDS} ${arg_LIBRARIES})
    endif()
    add_library(godwit::${name} ALIAS ${target})

    # Tests of the layer reach its private headers and with them its libraries.
    set_property(GLOBAL APPEND PROPERTY GODWIT_LAYERS ${name})
    set_property(GLOBAL PROPERTY GODWIT_LIBRARIES_${name} "${arg_LIBRARIES}")
endfunction()

# The executable `godwit`: main.cpp and every layer behind it.
function(godwit_daemon)
    set(main ${CMAKE_CURRENT_SOURCE_DIR}/src/cli/main.cpp)
    if(NOT EXISTS ${main})
        return()
    endif()
    add_executable(godwit ${main})
    target_include_directories(godwit PRIVATE src/cli)
    target_link_libraries(godwit PRIVATE godwit::cli)
    if(TARGET mimalloc)
        target_link_libraries(godwit PRIVATE mimalloc)
    endif()
    install(TARGETS godwit)
endfunction()
