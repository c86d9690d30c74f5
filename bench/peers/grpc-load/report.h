#pragma once

#include "run.h"

struct usage {
    double cpu_seconds;
    long max_rss_kib;
};

// Writes the run's JSON object to the file of --json, and a line for people to stdout.
void report(const struct run *run, double seconds, struct usage usage);
