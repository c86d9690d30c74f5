#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"

static const char usage[] =
    "usage: grpc-load --target HOST:PORT --ca FILE --tokens FILE [--server-name NAME] [--store NAME]\n"
    "  [--connections N] [--idle N] [--in-flight N] [--duration SECONDS] [--warm-up SECONDS] [--value-size N]\n"
    "  [--keys N] [--server-pid PID] [--json FILE] [--token-header literal|huffman|indexed]\n";

static size_t count(const char *flag, const char *text, size_t least, size_t most) {
    char *end;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text == 0 || *end != 0 || value < least || value > most) {
        fail("--%s takes a number from %zu to %zu, not \"%s\"", flag, least, most, text);
    }
    return (size_t)value;
}

static double seconds(const char *flag, const char *text) {
    char *end;
    double value = strtod(text, &end);
    if (*text == 0 || *end != 0 || !(value >= 0) || value > 86400) {
        fail("--%s takes seconds, not \"%s\"", flag, text);
    }
    return value;
}

static enum token_header token_header(const char *text) {
    if (strcmp(text, "literal") == 0) return TOKEN_LITERAL;
    if (strcmp(text, "huffman") == 0) return TOKEN_HUFFMAN;
    if (strcmp(text, "indexed") == 0) return TOKEN_INDEXED;
    fail("--token-header is literal, huffman or indexed, not \"%s\"", text);
}

static void set_target(struct options *o, const char *text) {
    const char *colon = strrchr(text, ':');
    if (colon == NULL || (size_t)(colon - text) >= sizeof o->host) fail("--target takes HOST:PORT, not \"%s\"", text);
    memcpy(o->host, text, (size_t)(colon - text));
    o->port = colon + 1;
}

struct options parse_options(int argc, char **argv) {
    enum { TARGET, CA, NAME, TOKENS, STORE, CONNECTIONS, IDLE, IN_FLIGHT, DURATION, WARM_UP, SIZE, KEYS, PID, JSON, HOW };
    static const struct option known[] = {
        [TARGET] = {"target", required_argument, 0, TARGET},
        [CA] = {"ca", required_argument, 0, CA},
        [NAME] = {"server-name", required_argument, 0, NAME},
        [TOKENS] = {"tokens", required_argument, 0, TOKENS},
        [STORE] = {"store", required_argument, 0, STORE},
        [CONNECTIONS] = {"connections", required_argument, 0, CONNECTIONS},
        [IDLE] = {"idle", required_argument, 0, IDLE},
        [IN_FLIGHT] = {"in-flight", required_argument, 0, IN_FLIGHT},
        [DURATION] = {"duration", required_argument, 0, DURATION},
        [WARM_UP] = {"warm-up", required_argument, 0, WARM_UP},
        [SIZE] = {"value-size", required_argument, 0, SIZE},
        [KEYS] = {"keys", required_argument, 0, KEYS},
        [PID] = {"server-pid", required_argument, 0, PID},
        [JSON] = {"json", required_argument, 0, JSON},
        [HOW] = {"token-header", required_argument, 0, HOW},
        {0, 0, 0, 0},
    };
    struct options o = {
        .server_name = "localhost", .store = "bench", .connections = 16, .in_flight = 32, .value_size = 64,
        .keys = 1, .seconds = 3, .warm_up = 0.5, .token_header = TOKEN_LITERAL,
    };
    for (int flag; (flag = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        const char *name = flag == '?' ? "" : known[flag].name;
        switch (flag) {
            case TARGET: set_target(&o, optarg); break;
            case CA: o.ca = optarg; break;
            case NAME: o.server_name = optarg; break;
            case TOKENS: o.tokens = optarg; break;
            case STORE: o.store = optarg; break;
            case CONNECTIONS: o.connections = count(name, optarg, 1, 1000000); break;
            case IDLE: o.idle = count(name, optarg, 0, 1000000); break;
            case IN_FLIGHT: o.in_flight = count(name, optarg, 1, 100000); break;
            case DURATION: o.seconds = seconds(name, optarg); break;
            case WARM_UP: o.warm_up = seconds(name, optarg); break;
            case SIZE: o.value_size = count(name, optarg, 0, 4 << 20); break;
            case KEYS: o.keys = count(name, optarg, 1, 1000000); break;
            case PID: o.server_pid = (pid_t)count(name, optarg, 1, 1 << 30); break;
            case JSON: o.json = optarg; break;
            case HOW: o.token_header = token_header(optarg); break;
            default: fputs(usage, stderr); exit(2);
        }
    }
    if (o.port == NULL || o.ca == NULL || o.tokens == NULL || optind != argc) {
        fputs(usage, stderr);
        exit(2);
    }
    return o;
}
