#pragma once

#include <stddef.h>
#include <sys/types.h>

// How the token travels in a call's header block; ../README.md says which client does which.
enum token_header { TOKEN_LITERAL, TOKEN_HUFFMAN, TOKEN_INDEXED };

struct options {
    char host[64];
    const char *port;
    const char *ca, *server_name, *tokens, *store, *json;
    size_t connections, idle, in_flight, value_size, keys;
    double seconds, warm_up;
    pid_t server_pid;
    enum token_header token_header;
};

// Ends the process with a usage text when the flags do not make a run.
struct options parse_options(int argc, char **argv);
