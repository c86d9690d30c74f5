#pragma once

#include <stdint.h>

// Latencies in nanoseconds, in buckets less than 1/128 of their value wide (as HdrHistogram with two digits and more).
enum { HISTOGRAM_BITS = 7, HISTOGRAM_BUCKETS = (64 - HISTOGRAM_BITS + 1) << HISTOGRAM_BITS };

struct histogram {
    uint64_t count, sum, max;
    uint64_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *h, uint64_t value);

// The highest value of the bucket in which the given part of all values is reached.
uint64_t histogram_quantile(const struct histogram *h, double part);
