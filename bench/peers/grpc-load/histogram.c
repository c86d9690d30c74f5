#include "histogram.h"

static unsigned bucket_of(uint64_t value) {
    if (value < 1u << HISTOGRAM_BITS) return (unsigned)value;
    unsigned shift = 63u - (unsigned)__builtin_clzll(value) - HISTOGRAM_BITS;
    return (shift << HISTOGRAM_BITS) + (unsigned)(value >> shift);
}

static uint64_t highest_in(unsigned bucket) {
    if (bucket < 2u << HISTOGRAM_BITS) return bucket;
    unsigned shift = (bucket >> HISTOGRAM_BITS) - 1;
    uint64_t lead = bucket - (shift << HISTOGRAM_BITS);
    return ((lead + 1) << shift) - 1;
}

void histogram_add(struct histogram *h, uint64_t value) {
    h->count++;
    h->sum += value;
    if (value > h->max) h->max = value;
    h->buckets[bucket_of(value)]++;
}

uint64_t histogram_quantile(const struct histogram *h, double part) {
    if (h->count == 0) return 0;
    double wanted = part * (double)h->count;
    uint64_t seen = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += h->buckets[i];
        if (seen > 0 && (double)seen >= wanted) return highest_in(i) < h->max ? highest_in(i) : h->max;
    }
    return h->max;
}
