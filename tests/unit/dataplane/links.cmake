# The planes' tests use what the floors below them offer directly, and try the plane of the in-process worlds as well.
target_link_libraries(test_dataplane PRIVATE causeway_esp causeway_host causeway_world)
