#include "report.h"

#include <stdio.h>

#include "fail.h"

static double microseconds(const struct run *run, double part) {
    return (double)histogram_quantile(&run->latency, part) / 1000;
}

static void write_json(FILE *file, const struct run *run, double seconds, struct usage usage) {
    const struct options *o = run->options;
    double requests = (double)run->requests;
    double mean = run->latency.count == 0 ? 0 : (double)run->latency.sum / (double)run->latency.count / 1000;
    static const char *const token_headers[] = {"literal", "huffman", "indexed"};
    fprintf(file,
            "{\"wire\":\"grpc\",\"mode\":\"closed\",\"identity\":\"token\",\"token_header\":\"%s\",\"connections\":%zu,"
            "\"idle_connections\":%zu,\"in_flight\":%zu,\"rate\":null,\"value_size\":%zu,\"seconds\":%.6f,",
            token_headers[o->token_header], o->connections, o->idle, o->in_flight, o->value_size, seconds);
    fprintf(file, "\"requests\":%llu,\"errors\":%llu,\"requests_per_second\":%.3f,", (unsigned long long)run->requests,
            (unsigned long long)run->errors, requests / seconds);
    fprintf(file,
            "\"latency_us\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"p99_9\":%.3f,\"max\":%.3f,\"mean\":%.3f},",
            microseconds(run, 0.5), microseconds(run, 0.9), microseconds(run, 0.99), microseconds(run, 0.999),
            (double)run->latency.max / 1000, mean);
    if (o->server_pid != 0) {
        double per_request = requests > 0 ? usage.cpu_seconds * 1e6 / requests : 0;
        double per_cpu_second = usage.cpu_seconds > 0 ? requests / usage.cpu_seconds : 0;
        fprintf(file,
                "\"server\":{\"cpu_seconds\":%.3f,\"cpu_us_per_request\":%.4f,\"requests_per_cpu_second\":%.3f,"
                "\"max_rss_kib\":%ld},",
                usage.cpu_seconds, per_request, per_cpu_second, usage.max_rss_kib);
    } else {
        fprintf(file, "\"server\":null,");
    }
    fprintf(file, "\"handshakes\":%llu,\"new_tokens\":0}\n", (unsigned long long)run->handshakes);
}

void report(const struct run *run, double seconds, struct usage usage) {
    double requests = (double)run->requests;
    printf("grpc: %.0f requests/s, %.0f per server CPU second, p50 %.0f us, p99 %.0f us, %llu errors\n",
           requests / seconds, usage.cpu_seconds > 0 ? requests / usage.cpu_seconds : 0, microseconds(run, 0.5),
           microseconds(run, 0.99), (unsigned long long)run->errors);
    if (run->options->json == NULL) return;
    FILE *file = fopen(run->options->json, "w");
    if (file == NULL) fail("%s: %m", run->options->json);
    write_json(file, run, seconds, usage);
    if (fclose(file) != 0) fail("%s: %m", run->options->json);
}
