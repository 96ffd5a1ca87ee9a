# One place for what every translation unit is compiled with.
find_program(CCACHE ccache)
if(CCACHE)
    # Checkouts in different folders share their cache.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
        ${CCACHE})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual)
if(CAUSEWAY_WERROR)
    add_compile_options(-Werror)
endif()
add_compile_definitions(ASIO_STANDALONE ASIO_NO_DEPRECATED SPDLOG_FMT_EXTERNAL)
if(CAUSEWAY_SANITIZE)
    add_compile_options(-fsanitize=${CAUSEWAY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${CAUSEWAY_SANITIZE})
else()
    add_compile_options($<$<CONFIG:Release,MinSizeRel>:-D_FORTIFY_SOURCE=2>)
endif()
if(CAUSEWAY_FUZZ_COVERAGE)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
add_compile_options(-fstack-protector-strong)
add_link_options(-Wl,-z,relro,-z,now)
