# The demultiplexer's rule is the codec's, the socket's clients are threads.
target_link_libraries(test_host PRIVATE causeway_codec Threads::Threads)
