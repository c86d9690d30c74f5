#pragma once

#include <stdint.h>
#include <string.h>

#include "fail.h"

// A queue of bytes: put at the end, taken from the start.
struct bytes {
    uint8_t *base;
    size_t start, end, capacity;
};

static inline size_t bytes_count(const struct bytes *b) { return b->end - b->start; }

// Room for `count` more at the end, which the caller writes and adds to `end`.
static inline uint8_t *bytes_room(struct bytes *b, size_t count) {
    if (b->start == b->end) b->start = b->end = 0;
    if (b->capacity - b->end < count && b->start > 0) {
        memmove(b->base, b->base + b->start, b->end - b->start);
        b->end -= b->start;
        b->start = 0;
    }
    if (b->capacity - b->end < count) {
        b->capacity = 2 * b->capacity + count;
        b->base = allocated(realloc(b->base, b->capacity));
    }
    return b->base + b->end;
}

static inline void bytes_put(struct bytes *b, const void *from, size_t count) {
    memcpy(bytes_room(b, count), from, count);
    b->end += count;
}

static inline void bytes_put_byte(struct bytes *b, unsigned byte) {
    *bytes_room(b, 1) = (uint8_t)byte;
    b->end++;
}

static inline void bytes_put_u32(struct bytes *b, uint32_t value) {
    uint8_t big[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
    bytes_put(b, big, sizeof big);
}

static inline uint32_t read_u32(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}
