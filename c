config a n
option x y ; foo
