#pragma once

#include <stdio.h>
#include <stdlib.h>

// For what makes a run impossible. An answer that is wrong is not that: it is counted, see run_error.
#define fail(...) (fprintf(stderr, "grpc-load: " __VA_ARGS__), fputc('\n', stderr), exit(1))

static inline void *allocated(void *pointer) {
    if (pointer == NULL) fail("out of memory");
    return pointer;
}
