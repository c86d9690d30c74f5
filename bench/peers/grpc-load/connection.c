#include "connection.h"

#include <openssl/err.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { READ = 64 << 10 };

void connection_open(struct connection *c, struct run *run, SSL_CTX *context, int fd, size_t token, bool idle) {
    *c = (struct connection){.run = run, .fd = fd, .token = token % run->calls.token_count, .idle = idle};
    size_t places = 1;
    while (places < 4 * (idle ? 1 : run->options->in_flight)) places *= 2;
    c->calls = allocated(calloc(places, sizeof *c->calls));
    c->calls_mask = (uint32_t)places - 1;
    if (nghttp2_hd_inflate_new(&c->inflater) != 0) fail("nghttp2_hd_inflate_new");
    c->tls = allocated(SSL_new(context));
    SSL_set_fd(c->tls, fd);
    if (SSL_set1_host(c->tls, run->options->server_name) != 1) fail("SSL_set1_host");
    SSL_set_tlsext_host_name(c->tls, run->options->server_name);
    SSL_set_connect_state(c->tls);
}

void connection_close(struct connection *c, const char *why) {
    if (c->closed) return;
    c->closed = true;
    if (why != NULL && c->outstanding == 0) run_error(c->run, "%s", why);
    for (uint32_t i = 0; i <= c->calls_mask; i++) {
        if (c->calls[i].stream != 0) reply_failed(c, &c->calls[i], why == NULL ? "no answer" : why, 0);
    }
    SSL_free(c->tls);
    close(c->fd);
    nghttp2_hd_inflate_del(c->inflater);
    free(c->calls);
    free(c->input.base);
    free(c->output.base);
    free(c->block.base);
    ERR_clear_error();
}

// What a call of OpenSSL that did not succeed waits for, or 0 when the connection is over.
static uint32_t awaited(struct connection *c, int result) {
    switch (SSL_get_error(c->tls, result)) {
        case SSL_ERROR_WANT_READ: return EPOLLIN;
        case SSL_ERROR_WANT_WRITE: return EPOLLIN | EPOLLOUT;
        default: return 0;
    }
}

static uint32_t flush(struct connection *c) {
    while (bytes_count(&c->output) > 0) {
        int sent = SSL_write(c->tls, c->output.base + c->output.start, (int)bytes_count(&c->output));
        if (sent <= 0) return awaited(c, sent);
        c->output.start += (size_t)sent;
    }
    return EPOLLIN;
}

static uint32_t take_all(struct connection *c) {
    do {
        int got = SSL_read(c->tls, bytes_room(&c->input, READ), READ);
        if (got <= 0) return awaited(c, got);
        c->input.end += (size_t)got;
        if (!frames_take(c, now_nanoseconds())) return 0;
    } while (SSL_has_pending(c->tls));
    return EPOLLIN;
}

static void begin(struct connection *c) {
    const unsigned char *protocol;
    unsigned length;
    SSL_get0_alpn_selected(c->tls, &protocol, &length);
    if (length != 2 || memcmp(protocol, "h2", 2) != 0) fail("the server does not speak h2");
    c->ready = true;
    c->run->ready++;
    c->run->handshakes++;
    frames_start(c);
    // An idle connection has had a call, so that it holds what a used one holds.
    if (c->idle) frames_call(c, now_nanoseconds());
}

uint32_t connection_turn(struct connection *c) {
    if (c->closed) return 0;
    if (!c->ready) {
        int done = SSL_do_handshake(c->tls);
        if (done <= 0) {
            uint32_t next = awaited(c, done);
            if (next == 0) {
                ERR_print_errors_fp(stderr);
                connection_close(c, "no TLS connection");
            }
            return next;
        }
        begin(c);
    }
    uint32_t next = take_all(c);
    if (next != 0) {
        if (c->run->calling && !c->idle) frames_call(c, now_nanoseconds());
        next = flush(c);
    }
    if (next == 0) connection_close(c, "the server ended a connection");
    return next;
}
