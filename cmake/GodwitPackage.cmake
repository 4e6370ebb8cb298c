# What a package brings, and the Debian package that `cpack -G DEB` makes of it (scripts/package). Paths
# are Debian's: below /usr, and /etc/godwit.

include(GNUInstallDirs)

set(packaging ${CMAKE_CURRENT_SOURCE_DIR}/packaging)
set(CPACK_PACKAGE_CONTACT "Godwit developers <godwit@users.noreply.github.com>")

# Every key with its default, commented out.
set(commented ${CMAKE_CURRENT_BINARY_DIR}/packaging/godwit.yaml)
add_custom_command(
    OUTPUT ${commented}
    COMMAND
        ${packaging}/debian/make-configuration ${CMAKE_CURRENT_SOURCE_DIR}/config/godwit.yaml > ${commented}
    DEPENDS ${packaging}/debian/make-configuration ${CMAKE_CURRENT_SOURCE_DIR}/config/godwit.yaml
    VERBATIM
)

# Debian wants its changelogs compressed, and the same bytes from the same source.
set(changes ${CMAKE_CURRENT_BINARY_DIR}/packaging)
configure_file(${packaging}/debian/changelog.in ${changes}/changelog)
add_custom_command(
    OUTPUT ${changes}/changelog.gz ${changes}/CHANGELOG.md.gz
    COMMAND gzip -9 -n -c ${changes}/changelog > ${changes}/changelog.gz
    COMMAND gzip -9 -n -c ${CMAKE_CURRENT_SOURCE_DIR}/CHANGELOG.md > ${changes}/CHANGELOG.md.gz
    DEPENDS ${changes}/changelog ${CMAKE_CURRENT_SOURCE_DIR}/CHANGELOG.md
    VERBATIM
)
add_custom_target(packaging ALL DEPENDS ${commented} ${changes}/changelog.gz)

install(FILES ${commented} DESTINATION /etc/godwit)
install(FILES ${packaging}/systemd/godwit.service DESTINATION lib/systemd/system)
install(
    FILES ${changes}/changelog.gz ${changes}/CHANGELOG.md.gz ${packaging}/debian/copyright
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/godwit
)
install(
    FILES config/hardened.yaml
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/godwit/examples
)

file(GLOB pages CONFIGURE_DEPENDS ${packaging}/man/*.[1-8])
foreach(page IN LISTS pages)
    cmake_path(GET page FILENAME name)
    string(REGEX REPLACE ".*\\." "" section ${name})
    set(compressed ${changes}/${name}.gz)
    add_custom_command(
        OUTPUT ${compressed}
        COMMAND gzip -9 -n -c ${page} > ${compressed}
        DEPENDS ${page}
        VERBATIM
    )
    add_custom_target(packaging_${name} ALL DEPENDS ${compressed})
    install(FILES ${compressed} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()

if(EXISTS ${packaging}/completion/godwit.bash)
    install(
        FILES ${packaging}/completion/godwit.bash
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        RENAME godwit
    )
endif()
if(EXISTS ${packaging}/completion/_godwit)
    install(
        FILES ${packaging}/completion/_godwit
        DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions
    )
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_SET_DESTDIR ON)  # for /etc
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "MQTT 3.1.1 broker that does not lose what it acknowledged")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Godwit serves devices and programs that talk MQTT 3.1.1 or 3.1, over TCP, TLS,
WebSocket and unix sockets, on one event loop a core. It knows all three
qualities of service, persistent sessions, retained messages, wills, shared
subscriptions, users, access rules and limits.

What it has acknowledged survives the death of the process: sessions, their
messages, wills and retained messages are kept on disk."
)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, init-system-helpers (>= 1.54~)")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "mosquitto-clients")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${packaging}/debian/conffiles
    ${packaging}/debian/postinst
    ${packaging}/debian/prerm
    ${packaging}/debian/postrm
)
include(CPack)
