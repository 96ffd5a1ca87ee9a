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
add_compile_definitions(ASIO_STANDALONE ASIO_NO_DEPRECATED)
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
    # glibc's stat() refuses else what is larger than 2 GiB, or has an inode's number that 32 bits do not hold
    # (feature_test_macros(7)). Not _TIME_BITS: c-ares is handed a timeval.
    add_compile_definitions(_FILE_OFFSET_BITS=64)
endif()
if(CAUSEWAY_SANITIZE)
    add_compile_options(-fsanitize=${CAUSEWAY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${CAUSEWAY_SANITIZE})
else()
    add_compile_options($<$<CONFIG:Release,MinSizeRel>:-D_FORTIFY_SOURCE=2>)
endif()
# A slip that reaches memory ends the program instead of serving an attacker: bounds of the C++ library, a stack that
# cannot be jumped over, indirect branches only to where one may land (x86), and a program at another address each time.
add_compile_definitions(_GLIBCXX_ASSERTIONS)
add_compile_options(-fstack-clash-protection)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64|AMD64|i[3-6]86)$")
    add_compile_options(-fcf-protection=full)
endif()
include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(CAUSEWAY_FUZZ_COVERAGE)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
add_compile_options(-fstack-protector-strong)
add_link_options(-Wl,-z,relro,-z,now)
# What no program calls stays out of it.
add_compile_options($<$<CONFIG:Release,MinSizeRel>:-ffunction-sections> $<$<CONFIG:Release,MinSizeRel>:-fdata-sections>)
add_link_options($<$<CONFIG:Release,MinSizeRel>:-Wl,--gc-sections>)
if(CAUSEWAY_STATIC_CXX)
    add_link_options(-static-libstdc++ -static-libgcc)
endif()
# A table of relocations that is a tenth of its size, in what users run: where linker and C library know it (glibc 2.36, musl
# 1.2.4), which only a run can tell. A cross build says -DCAUSEWAY_PACKED_RELOCATIONS=ON for itself.
if(CMAKE_BUILD_TYPE MATCHES "^(Release|MinSizeRel)$" AND NOT CMAKE_CROSSCOMPILING)
    include(CheckCXXSourceRuns)
    set(CMAKE_REQUIRED_LINK_OPTIONS -pie -Wl,-z,pack-relative-relocs)
    check_cxx_source_runs("
        static const char* const words[] = {\"no\", \"yes\"};
        int main(int count, char**) { return words[count & 1][0] == 'y' ? 0 : 1; }" CAUSEWAY_PACKED_RELOCATIONS)
    unset(CMAKE_REQUIRED_LINK_OPTIONS)
endif()
if(CAUSEWAY_PACKED_RELOCATIONS)
    add_link_options(-Wl,-z,pack-relative-relocs)
endif()
