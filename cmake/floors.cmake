# causeway_floor(NAME DEPENDS a b c LINKS x y): the folder is a library that sees and is linked to exactly the floors
# named. Sources are the folder's own .cpp files, sub-folders included.
#
# `#include "base/bytes.hpp"` is found in a folder that holds one link, base -> src/base, and is handed on only to whoever
# names the floor: what a floor may not see, the compiler does not find.
#
# Release is fast where packets pass and where numbers are raised to powers, and small elsewhere.
set(CAUSEWAY_FAST_FLOORS crypto esp host dataplane)

function(causeway_floor_includes name folder)
    set(own ${CMAKE_BINARY_DIR}/floors/${name})
    file(MAKE_DIRECTORY ${own})
    file(CREATE_LINK ${CMAKE_SOURCE_DIR}/src/${name} ${own}/${name} SYMBOLIC)
    set(${folder} ${own} PARENT_SCOPE)
endfunction()

function(causeway_floor name)
    cmake_parse_arguments(FLOOR "" "" "DEPENDS;LINKS" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
    list(TRANSFORM FLOOR_DEPENDS PREPEND causeway_ OUTPUT_VARIABLE depends)
    causeway_floor_includes(${name} includes)
    if(sources)
        add_library(causeway_${name} STATIC ${sources})
        target_include_directories(causeway_${name} PUBLIC ${includes})
        target_link_libraries(causeway_${name} PUBLIC ${depends} ${FLOOR_LINKS})
        if(NOT name IN_LIST CAUSEWAY_FAST_FLOORS)
            target_compile_options(causeway_${name} PRIVATE $<$<CONFIG:Release>:-Os>)
        endif()
    else()
        add_library(causeway_${name} INTERFACE)
        target_include_directories(causeway_${name} INTERFACE ${includes})
        target_link_libraries(causeway_${name} INTERFACE ${depends} ${FLOOR_LINKS})
    endif()
endfunction()
