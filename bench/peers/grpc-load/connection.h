#pragma once

#include <nghttp2/nghttp2.h>
#include <openssl/ssl.h>
#include <stdint.h>

#include "bytes.h"
#include "run.h"

// One call that waits for its answer. A stream of 0 marks a free one.
struct call {
    uint32_t stream;
    uint32_t received;
    size_t key;
    uint64_t started;
};

// One HTTP/2 connection. connection.c does TLS and the turn, frames.c the frames, replies.c what a call's answer must be.
struct connection {
    struct run *run;
    SSL *tls;
    int fd;
    uint32_t watched;
    bool ready, idle, closed;
    size_t token;
    bool first_call_sent;
    struct bytes input, output;
    nghttp2_hd_inflater *inflater;
    // Of a header block that goes on in CONTINUATION frames.
    struct bytes block;
    bool block_ends_stream;
    uint32_t block_stream;
    uint32_t next_stream;
    size_t outstanding;
    // What may be sent before the server gives more, and what has come in since more was given to it.
    int64_t send_window;
    uint64_t consumed;
    // At stream/2 modulo its size: a stream's id is skipped when its place is taken, so that no search is needed.
    struct call *calls;
    uint32_t calls_mask;
};

void connection_open(struct connection *c, struct run *run, SSL_CTX *context, int fd, size_t token, bool idle);

// Takes what has come, calls as often as it may, sends what there is. Gives the epoll events to wait for, 0 when closed.
uint32_t connection_turn(struct connection *c);

// Frees the connection; answers that it still owes are errors.
void connection_close(struct connection *c, const char *why);

// frames.c
void frames_start(struct connection *c);
void frames_call(struct connection *c, uint64_t now);
// False when the connection cannot go on.
bool frames_take(struct connection *c, uint64_t now);

// replies.c
struct call *reply_call(struct connection *c, uint32_t stream);
void reply_data(struct connection *c, struct call *call, const uint8_t *bytes, size_t count);
// False when the header block is broken, which ends the connection.
bool reply_headers(struct connection *c, uint32_t stream, const uint8_t *block, size_t length, bool ends, uint64_t now);
void reply_failed(struct connection *c, struct call *call, const char *why, uint32_t code);
