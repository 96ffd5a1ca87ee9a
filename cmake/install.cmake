# What `cmake --install` lays out, by GNUInstallDirs. tools/uninstall takes it away again, by install_manifest.txt.
include(GNUInstallDirs)

option(CAUSEWAY_INSTALL_IPSEC "install the name ipsec (strongSwan's program has it too): the tool and its manual" ON)
set(CAUSEWAY_SYSTEMD_UNIT_DIR "lib/systemd/system" CACHE STRING "where the unit goes; empty: nowhere")
set(CAUSEWAY_ZSH_COMPLETION_DIR "${CMAKE_INSTALL_DATADIR}/zsh/site-functions" CACHE STRING "completion for zsh")

# Folders that are not there yet are noted, so that tools/uninstall knows which ones were made for us.
set(folders ${CMAKE_INSTALL_SBINDIR} ${CMAKE_INSTALL_MANDIR}/man8 ${CMAKE_INSTALL_MANDIR}/man5
    ${CMAKE_INSTALL_DATADIR}/bash-completion/completions ${CAUSEWAY_ZSH_COMPLETION_DIR}
    ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d ${CAUSEWAY_SYSTEMD_UNIT_DIR} ${CMAKE_INSTALL_DOCDIR}/examples/recipe
    ${CMAKE_INSTALL_DOCDIR}/examples/monitoring ${CMAKE_INSTALL_DOCDIR}/docs/decisions ${CMAKE_INSTALL_DOCDIR}/docs/how-to
    ${CMAKE_INSTALL_DOCDIR}/docs/pictures ${CMAKE_INSTALL_DOCDIR}/packaging/openwrt)
install(CODE "
    foreach(folder ${folders})
        cmake_path(ABSOLUTE_PATH folder BASE_DIRECTORY \"\${CMAKE_INSTALL_PREFIX}\" NORMALIZE)
        while(NOT folder STREQUAL \"/\" AND NOT EXISTS \"\$ENV{DESTDIR}\${folder}\")
            file(APPEND \"${CMAKE_BINARY_DIR}/install_folders.txt\" \"\${folder}\\n\")
            cmake_path(GET folder PARENT_PATH folder)
        endwhile()
    endforeach()")

install(PROGRAMS ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/causeway DESTINATION ${CMAKE_INSTALL_SBINDIR})
if(CAUSEWAY_ONE_PROGRAM)
    install(FILES ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/causewayd DESTINATION ${CMAKE_INSTALL_SBINDIR})  # a link
else()
    install(PROGRAMS ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/causewayd DESTINATION ${CMAKE_INSTALL_SBINDIR})
endif()

install(FILES docs/man/causeway.8 docs/man/causewayd.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(FILES docs/man/causeway-config.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)

install(FILES packaging/completion/causeway.bash RENAME causeway
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES packaging/completion/causeway.zsh RENAME _causeway DESTINATION ${CAUSEWAY_ZSH_COMPLETION_DIR})
install(FILES packaging/completion/causeway.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

if(CAUSEWAY_SYSTEMD_UNIT_DIR)
    configure_file(packaging/systemd/causewayd.service.in causewayd.service @ONLY)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/causewayd.service DESTINATION ${CAUSEWAY_SYSTEMD_UNIT_DIR})
endif()

# What README.md links to lies beside it as it does in the sources.
install(FILES README.md CHANGELOG.md LICENSE ARCHITECTURE.md CONTRIBUTING.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES packaging/openwrt/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/packaging/openwrt)
install(DIRECTORY docs examples DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN docs/man EXCLUDE)

# The name is free, or it is ours already: then it becomes ours. Whoever has strongSwan's program keeps it.
if(CAUSEWAY_INSTALL_IPSEC)
    install(CODE "
        set(name \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_SBINDIR}/ipsec\")
        set(target \"\")
        if(IS_SYMLINK \"\${name}\")
            file(READ_SYMLINK \"\${name}\" target)
        endif()
        if(EXISTS \"\${name}\" AND NOT target STREQUAL \"causeway\")
            message(STATUS \"Kept: \${name}, which is another program's; type causeway for ipsec\")
        else()
            message(STATUS \"Installing: \${name}\")
            file(CREATE_LINK causeway \"\${name}\" SYMBOLIC)
            list(APPEND CMAKE_INSTALL_MANIFEST_FILES \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_SBINDIR}/ipsec\")
            file(INSTALL DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_MANDIR}/man8\" TYPE FILE
                FILES \"${CMAKE_SOURCE_DIR}/docs/man/ipsec.8\")
        endif()")
endif()
