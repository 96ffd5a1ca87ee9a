# Intel's multi-buffer library (libipsec-mb) for ESP, beside OpenSSL: docs/decisions/0016-intels-library-by-the-way.md. Its header is
# needed to build; the library itself is loaded at run time, where it is installed.
set(CAUSEWAY_IPSEC_MB "AUTO" CACHE STRING "ESP by libipsec-mb, too: ON, OFF, or AUTO: where intel-ipsec-mb.h is found")
set_property(CACHE CAUSEWAY_IPSEC_MB PROPERTY STRINGS AUTO ON OFF)

set(CAUSEWAY_WITH_IPSEC_MB OFF)
if(CAUSEWAY_IPSEC_MB)
    include(CheckCXXSourceCompiles)
    set(source "
        #define NO_COMPAT_IMB_API_053
        #include <intel-ipsec-mb.h>
        #if !defined(__x86_64__) || defined(__ILP32__)
        #error another processor
        #endif
        int main() { return IMB_VERSION_NUM < 0; }")
    check_cxx_source_compiles("${source}" CAUSEWAY_IPSEC_MB_HEADER)
    # 1.3 brought the bursts that are used here; 3.0 changes its structures.
    check_cxx_source_compiles("${source}
        #if IMB_VERSION_NUM < 0x10300 || IMB_VERSION_NUM >= 0x30000
        #error another version
        #endif" CAUSEWAY_IPSEC_MB_VERSION)
    if(CAUSEWAY_IPSEC_MB_VERSION)
        set(CAUSEWAY_WITH_IPSEC_MB ON)
    elseif(CAUSEWAY_IPSEC_MB_HEADER)
        set(complaint "intel-ipsec-mb.h is of a version that causeway does not know: it takes 1.3 up to 2.x")
    else()
        set(complaint "there is no intel-ipsec-mb.h for this processor (Debian: libipsec-mb-dev, for amd64)")
    endif()
    if(complaint AND NOT CAUSEWAY_IPSEC_MB STREQUAL "AUTO")
        message(FATAL_ERROR "CAUSEWAY_IPSEC_MB is ${CAUSEWAY_IPSEC_MB}, and ${complaint}")
    elseif(complaint)
        message(STATUS "ESP by OpenSSL alone: ${complaint}")
    endif()
endif()
