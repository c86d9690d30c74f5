#include "calls.h"

#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

// Indexes of the HPACK static table, RFC 7541, appendix A.
enum { AUTHORITY = 1, METHOD_POST = 3, PATH = 4, SCHEME_HTTPS = 7, AUTHORIZATION = 23, CONTENT_TYPE = 31, USER_AGENT = 58 };
enum { FIRST_DYNAMIC = 62, HEADER_TABLE = 4096, ENTRY_OVERHEAD = 32 };

static void put_varint(struct bytes *b, uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_put_byte(b, (unsigned)(value & 0x7F) | 0x80);
    bytes_put_byte(b, (unsigned)value);
}

static void put_field(struct bytes *b, unsigned number, const void *bytes, size_t count) {
    bytes_put_byte(b, number << 3 | 2);
    put_varint(b, count);
    bytes_put(b, bytes, count);
}

static struct bytes grpc_message(const struct bytes *message) {
    struct bytes b = {0};
    bytes_put_byte(&b, 0);
    bytes_put_u32(&b, (uint32_t)bytes_count(message));
    bytes_put(&b, message->base, bytes_count(message));
    return b;
}

static struct bytes question(const char *store, const char *key) {
    struct bytes request = {0};
    put_field(&request, 1, store, strlen(store));
    put_field(&request, 2, key, strlen(key));
    struct bytes b = grpc_message(&request);
    free(request.base);
    return b;
}

// The contract's value: the first `size` bytes of the key and a dot, again and again.
static struct bytes answer(const char *key, size_t size) {
    size_t period = strlen(key) + 1;
    char *value = allocated(malloc(size + 1));
    for (size_t i = 0; i < size; i++) value[i] = i % period == period - 1 ? '.' : key[i % period];
    struct bytes response = {0};
    bytes_room(&response, 1);
    if (size > 0) put_field(&response, 1, value, size);
    struct bytes b = grpc_message(&response);
    free(value);
    free(response.base);
    return b;
}

static void put_prefixed(struct bytes *b, unsigned pattern, unsigned bits, size_t value) {
    size_t most = (1u << bits) - 1;
    if (value < most) {
        bytes_put_byte(b, pattern | (unsigned)value);
    } else {
        bytes_put_byte(b, pattern | (unsigned)most);
        put_varint(b, value - most);
    }
}

static void put_literal(struct bytes *b, const char *text) {
    put_prefixed(b, 0, 7, strlen(text));
    bytes_put(b, text, strlen(text));
}

// A field that enters the dynamic table. Name index 0 means a name of its own.
static void put_indexing(struct bytes *b, unsigned name_index, const char *name, const char *value) {
    put_prefixed(b, 0x40, 6, name_index);
    if (name_index == 0) put_literal(b, name);
    put_literal(b, value);
}

// nghttp2 never lets this field into the table, and shortens it by Huffman's code; its coder is asked, so that it is so.
static void put_as_nghttp2(struct bytes *b, const char *authorization) {
    nghttp2_hd_deflater *deflater;
    if (nghttp2_hd_deflate_new(&deflater, HEADER_TABLE) != 0) fail("nghttp2_hd_deflate_new");
    nghttp2_nv field = {(uint8_t *)"authorization", (uint8_t *)authorization, 13, strlen(authorization), 0};
    size_t bound = nghttp2_hd_deflate_bound(deflater, &field, 1);
    ssize_t written = nghttp2_hd_deflate_hd(deflater, bytes_room(b, bound), bound, &field, 1);
    if (written < 0) fail("nghttp2_hd_deflate_hd");
    b->end += (size_t)written;
    nghttp2_hd_deflate_del(deflater);
}

static void make_blocks(struct bytes *first, struct bytes *next, const struct options *o, const char *authorization) {
    const struct {
        unsigned index;
        const char *name, *value;
    } fields[] = {
        {PATH, NULL, "/federation.v1.FederationService/GetSecret"},
        {AUTHORITY, NULL, o->server_name},
        {CONTENT_TYPE, NULL, "application/grpc"},
        {0, "te", "trailers"},
        {0, "grpc-accept-encoding", "identity, deflate, gzip"},
        {USER_AGENT, NULL, "grpc-load"},
        // Last, because only one of the ways to send it puts it into the table.
        {AUTHORIZATION, NULL, authorization},
    };
    unsigned count = sizeof fields / sizeof fields[0];
    unsigned indexed = o->token_header == TOKEN_INDEXED ? count : count - 1;
    *first = *next = (struct bytes){0};
    for (struct bytes *b = first; b != NULL; b = b == first ? next : NULL) {
        bytes_put_byte(b, 0x80 | METHOD_POST);
        bytes_put_byte(b, 0x80 | SCHEME_HTTPS);
    }
    for (unsigned i = 0; i < indexed; i++) {
        put_indexing(first, fields[i].index, fields[i].name, fields[i].value);
        bytes_put_byte(next, 0x80 | (FIRST_DYNAMIC + indexed - 1 - i));
    }
    for (struct bytes *b = first; b != NULL; b = b == first ? next : NULL) {
        if (o->token_header == TOKEN_HUFFMAN) put_as_nghttp2(b, authorization);
        if (o->token_header != TOKEN_LITERAL) continue;
        // As gRPC C++'s own client sends it: never in the table, neither name nor value coded.
        bytes_put_byte(b, 0);
        put_literal(b, "authorization");
        put_literal(b, authorization);
    }
    size_t fields_are_less_than = 512, token_entry = strlen(authorization) + strlen("authorization") + ENTRY_OVERHEAD;
    if (o->token_header == TOKEN_INDEXED && fields_are_less_than + token_entry > HEADER_TABLE) {
        fail("a token of %zu bytes does not fit the HPACK table", strlen(authorization));
    }
    if (bytes_count(first) > 16000) fail("a token of %zu bytes does not fit one HEADERS frame", strlen(authorization));
}

static void read_tokens(struct calls *calls, const struct options *o) {
    FILE *file = fopen(o->tokens, "r");
    if (file == NULL) fail("%s: %m", o->tokens);
    char *line = NULL;
    size_t line_capacity = 0, capacity = 0;
    for (ssize_t length; (length = getline(&line, &line_capacity, file)) > 0;) {
        if (line[length - 1] == '\n') line[--length] = 0;
        if (length == 0) continue;
        if (calls->token_count == capacity) {
            capacity = 2 * capacity + 16;
            calls->first_blocks = allocated(realloc(calls->first_blocks, capacity * sizeof(struct bytes)));
            calls->next_blocks = allocated(realloc(calls->next_blocks, capacity * sizeof(struct bytes)));
        }
        char *authorization;
        if (asprintf(&authorization, "Bearer %s", line) < 0) fail("out of memory");
        size_t i = calls->token_count++;
        make_blocks(&calls->first_blocks[i], &calls->next_blocks[i], o, authorization);
        free(authorization);
    }
    free(line);
    fclose(file);
    if (calls->token_count == 0) fail("%s: no tokens", o->tokens);
}

struct calls make_calls(const struct options *o) {
    struct calls calls = {.keys = o->keys};
    calls.questions = allocated(calloc(o->keys, sizeof(struct bytes)));
    calls.answers = allocated(calloc(o->keys, sizeof(struct bytes)));
    for (size_t i = 0; i < o->keys; i++) {
        char key[32];
        snprintf(key, sizeof key, "key-%zu", i);
        calls.questions[i] = question(o->store, key);
        calls.answers[i] = answer(key, o->value_size);
    }
    read_tokens(&calls, o);
    return calls;
}
