#include <string.h>

#include "connection.h"

struct call *reply_call(struct connection *c, uint32_t stream) {
    struct call *call = &c->calls[stream / 2 & c->calls_mask];
    return call->stream == stream && stream != 0 ? call : NULL;
}

static void finish(struct connection *c, struct call *call) {
    call->stream = 0;
    c->outstanding--;
    c->run->outstanding--;
}

void reply_failed(struct connection *c, struct call *call, const char *why, uint32_t code) {
    run_error(c->run, "stream %u: %s (%u)", call->stream, why, code);
    finish(c, call);
}

void reply_data(struct connection *c, struct call *call, const uint8_t *bytes, size_t count) {
    const struct bytes *expected = &c->run->calls.answers[call->key];
    if (call->received + count > bytes_count(expected) || memcmp(expected->base + call->received, bytes, count) != 0) {
        reply_failed(c, call, "another value than the key's", 0);
        return;
    }
    call->received += (uint32_t)count;
}

static bool is(const nghttp2_nv *field, const char *name, size_t name_length) {
    return field->namelen == name_length && memcmp(field->name, name, name_length) == 0;
}

static bool reads(const nghttp2_nv *field, const char *value) {
    return field->valuelen == strlen(value) && memcmp(field->value, value, field->valuelen) == 0;
}

// Every block must be inflated, even one of a call that is no more: blocks change the connection's table.
static bool inflate(struct connection *c, const uint8_t *block, size_t length, bool *http_ok, int *grpc_status) {
    for (;;) {
        nghttp2_nv field;
        int flags = 0;
        ssize_t used = nghttp2_hd_inflate_hd2(c->inflater, &field, &flags, block, length, 1);
        if (used < 0) return false;
        block += used;
        length -= (size_t)used;
        if (flags & NGHTTP2_HD_INFLATE_EMIT) {
            if (is(&field, ":status", 7)) {
                *http_ok = reads(&field, "200");
            } else if (is(&field, "grpc-status", 11)) {
                *grpc_status = 0;
                for (size_t i = 0; i < field.valuelen && i < 4; i++) *grpc_status = *grpc_status * 10 + field.value[i] - '0';
            }
        }
        if (flags & NGHTTP2_HD_INFLATE_FINAL) {
            nghttp2_hd_inflate_end_headers(c->inflater);
            return true;
        }
        if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && length == 0) return false;
    }
}

bool reply_headers(struct connection *c, uint32_t stream, const uint8_t *block, size_t length, bool ends, uint64_t now) {
    bool http_ok = true;
    int grpc_status = -1;
    if (!inflate(c, block, length, &http_ok, &grpc_status)) return false;
    struct call *call = reply_call(c, stream);
    if (call == NULL) return true;
    if (!http_ok) {
        reply_failed(c, call, "an HTTP status other than 200", 0);
        return true;
    }
    if (!ends) return true;
    if (grpc_status != 0) {
        reply_failed(c, call, "a grpc-status other than 0", (uint32_t)grpc_status);
    } else if (call->received != bytes_count(&c->run->calls.answers[call->key])) {
        reply_failed(c, call, "less than the whole value, bytes:", call->received);
    } else {
        if (c->run->measuring) {
            c->run->requests++;
            histogram_add(&c->run->latency, now - call->started);
        }
        finish(c, call);
    }
    return true;
}
