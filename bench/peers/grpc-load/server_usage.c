#include "server_usage.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"

static void read_proc(pid_t pid, const char *name, char *text, size_t size) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    FILE *file = fopen(path, "r");
    if (file == NULL) fail("%s: %m", path);
    size_t length = fread(text, 1, size - 1, file);
    text[length] = 0;
    fclose(file);
}

double server_cpu_seconds(pid_t pid) {
    if (pid == 0) return 0;
    char text[4096];
    read_proc(pid, "stat", text, sizeof text);
    // The name before the last parenthesis may hold anything; utime and stime are 12 and 13 fields after it.
    const char *after_name = strrchr(text, ')');
    unsigned long user, system;
    if (after_name == NULL ||
        sscanf(after_name + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2) {
        fail("/proc/%d/stat is not as proc(5) says", (int)pid);
    }
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

long server_max_rss_kib(pid_t pid) {
    if (pid == 0) return 0;
    char text[8192];
    read_proc(pid, "status", text, sizeof text);
    const char *line = strstr(text, "VmHWM:");
    long kib = 0;
    if (line == NULL || sscanf(line, "VmHWM: %ld", &kib) != 1) fail("/proc/%d/status has no VmHWM", (int)pid);
    return kib;
}
