#pragma once

#include <sys/types.h>

// Seconds of CPU that a process has used, all its threads together; 0 for pid 0.
double server_cpu_seconds(pid_t pid);

// The most memory that a process has had resident, in KiB; 0 for pid 0.
long server_max_rss_kib(pid_t pid);
