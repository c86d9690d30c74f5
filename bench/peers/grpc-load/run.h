#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "calls.h"
#include "histogram.h"
#include "options.h"

// What all connections of a run share.
struct run {
    const struct options *options;
    struct calls calls;
    // Connections call while this holds; after it they only take the answers that are still to come.
    bool calling;
    // Only answers inside the window are figures; all answers are checked.
    bool measuring;
    size_t ready, outstanding;
    uint64_t requests, errors, handshakes;
    uint64_t random;
    struct histogram latency;
};

// Counts an answer that is wrong or missing, and tells the first few.
void run_error(struct run *run, const char *what, ...) __attribute__((format(printf, 2, 3)));

// Gives the index of the next call's key, each as likely as the others.
size_t run_next_key(struct run *run);

uint64_t now_nanoseconds(void);
