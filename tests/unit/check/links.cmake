# What a check says is held against engines that negotiate.
target_sources(test_check PRIVATE ${CMAKE_SOURCE_DIR}/tests/agreement/pairs.cpp)
target_link_libraries(test_check PRIVATE causeway_world)
