# The planes' tests use what the floors below them offer directly.
target_link_libraries(test_dataplane PRIVATE causeway_esp causeway_host)
