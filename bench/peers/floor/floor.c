// The floor: the least that any server could spend on the same bytes on the wire.
//
// TLS, framing and one canned answer a frame are all it does: no token is looked up, no message is parsed, so what it
// costs is what the kernel and OpenSSL cost. It is meant to be hard to beat; make it faster when you know how.
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    HEADER = 10,
    TYPE_RESPONSE = 2,
    EVENTS = 512,
    BACKLOG = 4096,
    // Several records a read(2): at 32 calls of a kilobyte in flight, one turn's input is two of them.
    READ_AHEAD = 128 << 10,
    // The answers of one turn are sent early past this, so that big values do not pile up.
    OUTPUT_HIGH_WATER = 256 << 10,
};

struct connection {
    SSL *tls;
    int fd;
    uint32_t watched;
    // A frame may end anywhere in a read: the part of its header that is here, and how much of its data is not.
    uint8_t header[HEADER];
    uint32_t header_length;
    uint32_t data_left;
    uint8_t *output;
    size_t output_start, output_end, output_capacity;
};

// Plaintext is needed only until its frames are counted, so all connections share one buffer, which stays in the cache.
static uint8_t plaintext[64 << 10];
static uint8_t *canned;
static size_t canned_length;
static int poller;
static SSL_CTX *tls_context;

static void fail(const char *what) {
    perror(what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

static void *allocated(void *pointer) {
    if (pointer == NULL) fail("memory");
    return pointer;
}

static uint8_t *put_varint(uint8_t *at, size_t value) {
    for (; value >= 0x80; value >>= 7) *at++ = (uint8_t)(value | 0x80);
    *at++ = (uint8_t)value;
    return at;
}

static size_t varint_length(size_t value) {
    uint8_t scratch[10];
    return (size_t)(put_varint(scratch, value) - scratch);
}

// Frame of ttrpc.Response{payload = GetSecretResponse{value}}, with the stream id left zero.
static void make_canned_frame(const char *key, size_t size) {
    size_t inner = size == 0 ? 0 : 1 + varint_length(size) + size;
    size_t message = 1 + varint_length(inner) + inner;
    canned_length = HEADER + message;
    canned = allocated(calloc(1, canned_length));
    uint32_t length = htonl((uint32_t)message);
    memcpy(canned, &length, sizeof length);
    canned[8] = TYPE_RESPONSE;
    uint8_t *at = canned + HEADER;
    *at++ = 0x12;
    at = put_varint(at, inner);
    if (size == 0) return;
    *at++ = 0x0A;
    at = put_varint(at, size);
    size_t key_length = strlen(key);
    for (size_t i = 0; i < size; i++) {
        size_t place = i % (key_length + 1);
        at[i] = place == key_length ? '.' : (uint8_t)key[place];
    }
}

static void watch(struct connection *c, uint32_t events) {
    if (c->watched == events) return;
    struct epoll_event event = {.events = events, .data.ptr = c};
    if (epoll_ctl(poller, c->watched == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, c->fd, &event) != 0) fail("epoll_ctl");
    c->watched = events;
}

static void discard(struct connection *c) {
    SSL_free(c->tls);
    close(c->fd);
    free(c->output);
    free(c);
    ERR_clear_error();
}

static void answer(struct connection *c) {
    if (c->output_end + canned_length > c->output_capacity) {
        c->output_capacity = 2 * c->output_capacity + canned_length;
        c->output = allocated(realloc(c->output, c->output_capacity));
    }
    uint8_t *frame = c->output + c->output_end;
    memcpy(frame, canned, canned_length);
    memcpy(frame + 4, c->header + 4, 4);
    c->output_end += canned_length;
}

static void take(struct connection *c, const uint8_t *bytes, size_t count) {
    while (count > 0) {
        if (c->header_length < HEADER) {
            size_t part = HEADER - c->header_length;
            if (part > count) part = count;
            memcpy(c->header + c->header_length, bytes, part);
            c->header_length += (uint32_t)part;
            bytes += part;
            count -= part;
            if (c->header_length < HEADER) return;
            uint32_t length;
            memcpy(&length, c->header, sizeof length);
            c->data_left = ntohl(length);
        }
        size_t part = c->data_left < count ? c->data_left : count;
        bytes += part;
        count -= part;
        c->data_left -= (uint32_t)part;
        if (c->data_left > 0) return;
        answer(c);
        c->header_length = 0;
    }
}

// What a call of OpenSSL that did not succeed waits for, or 0 when the connection is over.
static uint32_t awaited(struct connection *c, int result) {
    switch (SSL_get_error(c->tls, result)) {
        case SSL_ERROR_WANT_READ: return EPOLLIN;
        case SSL_ERROR_WANT_WRITE: return EPOLLOUT;
        default: return 0;
    }
}

// Sends what there is. Gives what to wait for next, or 0 when the connection is over.
static uint32_t flush(struct connection *c) {
    while (c->output_start < c->output_end) {
        int sent = SSL_write(c->tls, c->output + c->output_start, (int)(c->output_end - c->output_start));
        if (sent <= 0) return awaited(c, sent);
        c->output_start += (size_t)sent;
    }
    c->output_start = c->output_end = 0;
    return EPOLLIN;
}

// One turn: everything that has come in, then everything that answers it. Nothing is read while output waits.
static uint32_t turn(struct connection *c) {
    uint32_t next = flush(c);
    if (c->output_end > 0 || next == 0) return next;
    do {
        int got = SSL_read(c->tls, plaintext, sizeof plaintext);
        if (got <= 0) {
            next = awaited(c, got);
            break;
        }
        take(c, plaintext, (size_t)got);
        if (c->output_end >= OUTPUT_HIGH_WATER) {
            next = flush(c);
            if (c->output_end > 0 || next == 0) return next;
        }
    } while (SSL_has_pending(c->tls));
    if (next == 0 || c->output_end == 0) return next;
    return flush(c);
}

static void accept_all(int listener) {
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EAGAIN) return;
            if (errno == ECONNABORTED || errno == EINTR) continue;
            fail("accept");
        }
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct connection *c = allocated(calloc(1, sizeof *c));
        c->fd = fd;
        c->tls = allocated(SSL_new(tls_context));
        SSL_set_fd(c->tls, fd);
        SSL_set_accept_state(c->tls);
        watch(c, EPOLLIN);
    }
}

static int select_alpn(SSL *tls, const uint8_t **out, uint8_t *out_length, const uint8_t *in, unsigned in_length,
                       void *unused) {
    (void)tls, (void)unused;
    static const uint8_t ours[] = "\x05ttrpc";
    int found = SSL_select_next_proto((uint8_t **)out, out_length, ours, sizeof ours - 1, in, in_length);
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static void make_tls_context(const char *certificate, const char *key) {
    tls_context = allocated(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_set_min_proto_version(tls_context, TLS1_3_VERSION);
    SSL_CTX_set_mode(tls_context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(tls_context, 1);
    SSL_CTX_set_default_read_buffer_len(tls_context, READ_AHEAD);
    SSL_CTX_set_num_tickets(tls_context, 1);
    SSL_CTX_set_alpn_select_cb(tls_context, select_alpn, NULL);
    if (SSL_CTX_use_certificate_chain_file(tls_context, certificate) != 1) fail(certificate);
    if (SSL_CTX_use_PrivateKey_file(tls_context, key, SSL_FILETYPE_PEM) != 1) fail(key);
}

// Listens at HOST:PORT and says on stdout where that is.
static int listen_at(const char *where) {
    char host[64];
    const char *colon = strrchr(where, ':');
    if (colon == NULL || (size_t)(colon - where) >= sizeof host) fail("--listen HOST:PORT");
    memcpy(host, where, (size_t)(colon - where));
    host[colon - where] = 0;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(colon + 1))};
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1) fail("--listen takes an IPv4 address");
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    socklen_t length = sizeof address;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, length) != 0 || listen(fd, BACKLOG) != 0) fail(where);
    getsockname(fd, (struct sockaddr *)&address, &length);
    printf("ready listen=%s:%d\n", host, ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

static void serve(int listener) {
    struct epoll_event events[EVENTS] = {{.events = EPOLLIN, .data.ptr = NULL}};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, listener, &events[0]) != 0) fail("epoll_ctl");
    for (;;) {
        int count = epoll_wait(poller, events, EVENTS, -1);
        if (count < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < count; i++) {
            struct connection *c = events[i].data.ptr;
            if (c == NULL) {
                accept_all(listener);
                continue;
            }
            uint32_t next = turn(c);
            if (next == 0) {
                discard(c);
            } else {
                watch(c, next);
            }
        }
    }
}

int main(int argc, char **argv) {
    const char *listen_address = "127.0.0.1:0", *certificate = NULL, *key_file = NULL, *key = "key-0";
    long value_size = 64;
    // --tokens and --store are taken as by every peer, and not used: that is the point of the floor.
    static const struct option options[] = {
        {"listen", required_argument, 0, 'l'},     {"tls-cert", required_argument, 0, 'c'},
        {"tls-key", required_argument, 0, 'p'},    {"tokens", required_argument, 0, 'u'},
        {"store", required_argument, 0, 'u'},      {"key", required_argument, 0, 'k'},
        {"value-size", required_argument, 0, 'n'}, {0, 0, 0, 0},
    };
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (option) {
            case 'l': listen_address = optarg; break;
            case 'c': certificate = optarg; break;
            case 'p': key_file = optarg; break;
            case 'k': key = optarg; break;
            case 'n': value_size = atol(optarg); break;
            case 'u': break;
            default: return 2;
        }
    }
    if (certificate == NULL || key_file == NULL || value_size < 0 || value_size > 4 << 20) {
        fprintf(stderr, "usage: floor --listen HOST:PORT --tls-cert FILE --tls-key FILE --key NAME --value-size N\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    make_canned_frame(key, (size_t)value_size);
    make_tls_context(certificate, key_file);
    poller = epoll_create1(EPOLL_CLOEXEC);
    serve(listen_at(listen_address));
}
