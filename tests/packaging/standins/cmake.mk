# For tests: the package's own options are all that matters here.
