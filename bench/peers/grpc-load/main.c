// A closed loop of gRPC calls: each connection keeps so many unary calls outstanding, over TLS, and every answer is checked.
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "connection.h"
#include "report.h"
#include "server_usage.h"

enum { EVENTS = 256 };
static const uint64_t second = 1000000000, patience = 20 * second;

// Everything that the loop holds; the connections lie in one array.
struct load {
    struct run run;
    struct connection *connections;
    size_t count;
    int poller;
};

static void watch(struct load *load, struct connection *c, uint32_t events) {
    if (events == 0 || events == c->watched) return;
    struct epoll_event event = {.events = events, .data.ptr = c};
    if (epoll_ctl(load->poller, c->watched == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, c->fd, &event) != 0) fail("epoll: %m");
    c->watched = events;
}

static int connected_socket(const struct options *o) {
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM}, *found;
    int problem = getaddrinfo(o->host, o->port, &wanted, &found);
    if (problem != 0) fail("%s:%s: %s", o->host, o->port, gai_strerror(problem));
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, found->ai_addr, found->ai_addrlen) != 0) fail("%s:%s: %m", o->host, o->port);
    freeaddrinfo(found);
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) fail("fcntl: %m");
    return fd;
}

static SSL_CTX *tls_context(const struct options *o) {
    SSL_CTX *context = allocated(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_read_buffer_len(context, 64 << 10);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    if (SSL_CTX_load_verify_locations(context, o->ca, NULL) != 1) fail("%s: no certificates in it", o->ca);
    if (SSL_CTX_set_alpn_protos(context, (const unsigned char *)"\x02h2", 3) != 0) fail("ALPN");
    return context;
}

// Waits for events at most until `until`, and gives each connection that has one its turn.
static void turns(struct load *load, uint64_t until) {
    struct epoll_event events[EVENTS];
    uint64_t now = now_nanoseconds();
    int milliseconds = until <= now ? 0 : (int)((until - now + 999999) / 1000000);
    int count = epoll_wait(load->poller, events, EVENTS, milliseconds);
    for (int i = 0; i < count; i++) {
        struct connection *c = events[i].data.ptr;
        watch(load, c, connection_turn(c));
    }
}

static void call_until(struct load *load, uint64_t until) {
    while (now_nanoseconds() < until) turns(load, until);
}

// Handshakes go on a few at a time, so that no server's queue of connections to accept overflows.
static void connect_all(struct load *load, SSL_CTX *context) {
    enum { AT_ONCE = 64 };
    const struct options *o = load->run.options;
    uint64_t until = now_nanoseconds() + patience;
    size_t opened = 0;
    while (load->run.ready < load->count || load->run.outstanding > 0) {
        for (; opened < load->count && opened < load->run.ready + AT_ONCE; opened++) {
            struct connection *c = &load->connections[opened];
            connection_open(c, &load->run, context, connected_socket(o), opened, opened >= o->connections);
            watch(load, c, connection_turn(c));
            until = now_nanoseconds() + patience;
        }
        if (load->run.errors > 0) exit(1);
        if (now_nanoseconds() > until) fail("%zu of %zu connections are ready", load->run.ready, load->count);
        turns(load, until);
    }
}

static void start_calls(struct load *load) {
    load->run.calling = true;
    for (size_t i = 0; i < load->run.options->connections; i++) {
        watch(load, &load->connections[i], connection_turn(&load->connections[i]));
    }
}

// Answers that were asked for in the window are checked even when they come after it.
static void finish_calls(struct load *load) {
    load->run.calling = false;
    uint64_t until = now_nanoseconds() + patience;
    while (load->run.outstanding > 0 && now_nanoseconds() < until) turns(load, until);
    for (size_t i = 0; i < load->count; i++) connection_close(&load->connections[i], NULL);
}

static void raise_file_limit(void) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

int main(int argc, char **argv) {
    struct options options = parse_options(argc, argv);
    static struct load load;
    load.run.options = &options;
    load.run.calls = make_calls(&options);
    load.run.random = 1;
    load.count = options.connections + options.idle;
    load.connections = allocated(calloc(load.count, sizeof *load.connections));
    load.poller = epoll_create1(EPOLL_CLOEXEC);
    signal(SIGPIPE, SIG_IGN);
    raise_file_limit();
    connect_all(&load, tls_context(&options));
    start_calls(&load);
    call_until(&load, now_nanoseconds() + (uint64_t)(options.warm_up * (double)second));

    load.run.measuring = true;
    double cpu_before = server_cpu_seconds(options.server_pid);
    uint64_t start = now_nanoseconds();
    call_until(&load, start + (uint64_t)(options.seconds * (double)second));
    uint64_t end = now_nanoseconds();
    struct usage usage = {server_cpu_seconds(options.server_pid) - cpu_before, server_max_rss_kib(options.server_pid)};
    load.run.measuring = false;

    finish_calls(&load);
    report(&load.run, (double)(end - start) / (double)second, usage);
    return load.run.errors > 0 || load.run.requests == 0;
}
