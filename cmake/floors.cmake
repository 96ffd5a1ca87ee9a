# causeway_floor(NAME DEPENDS a b c LINKS x y): the folder is a library that is linked to exactly the floors named.
# Sources are the folder's own .cpp files, sub-folders included.
#
# Release is fast where packets pass and where numbers are raised to powers, and small elsewhere.
set(CAUSEWAY_FAST_FLOORS crypto esp host dataplane)

function(causeway_floor name)
    cmake_parse_arguments(FLOOR "" "" "DEPENDS;LINKS" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
    list(TRANSFORM FLOOR_DEPENDS PREPEND causeway_ OUTPUT_VARIABLE depends)
    if(sources)
        add_library(causeway_${name} STATIC ${sources})
        target_include_directories(causeway_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
        target_link_libraries(causeway_${name} PUBLIC ${depends} ${FLOOR_LINKS})
        if(NOT name IN_LIST CAUSEWAY_FAST_FLOORS)
            target_compile_options(causeway_${name} PRIVATE $<$<CONFIG:Release>:-Os>)
        endif()
    else()
        add_library(causeway_${name} INTERFACE)
        target_include_directories(causeway_${name} INTERFACE ${CMAKE_SOURCE_DIR}/src)
        target_link_libraries(causeway_${name} INTERFACE ${depends} ${FLOOR_LINKS})
    endif()
endfunction()
