#include "run.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

void run_error(struct run *run, const char *what, ...) {
    enum { TOLD = 5 };
    if (run->errors++ >= TOLD) return;
    va_list arguments;
    va_start(arguments, what);
    fputs("grpc-load: ", stderr);
    vfprintf(stderr, what, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

size_t run_next_key(struct run *run) {
    if (run->calls.keys == 1) return 0;
    // xorshift64*, Vigna 2016: even enough for choosing keys, and a handful of instructions.
    run->random ^= run->random >> 12;
    run->random ^= run->random << 25;
    run->random ^= run->random >> 27;
    uint64_t high = (run->random * 0x2545F4914F6CDD1DULL) >> 32;
    return (size_t)(high * run->calls.keys >> 32);
}

uint64_t now_nanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}
