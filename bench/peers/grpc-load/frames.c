// HTTP/2 as far as a client of unary calls needs it, RFC 9113. nghttp2 does the HPACK of the answers; the frames are made
// here, because its sessions would choose for us how the token is coded (see ../README.md), and cost this side more.
#include "connection.h"

enum { FRAME_HEADER = 9, MAX_FRAME = 16384, DEFAULT_WINDOW = 65535, WINDOW = INT32_MAX, GIVE_BACK = WINDOW / 2 };
enum { DATA, HEADERS, PRIORITY_FRAME, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION };
enum { ACK = 1, END_STREAM = 1, END_HEADERS = 4, PADDED = 8, PRIORITY = 32 };
enum { SETTING_HEADER_TABLE = 1, SETTING_PUSH = 2, SETTING_STREAMS = 3, SETTING_WINDOW = 4 };

static void put_header(struct connection *c, size_t length, unsigned type, unsigned flags, uint32_t stream) {
    bytes_put_u32(&c->output, (uint32_t)length << 8 | type);
    bytes_put_byte(&c->output, flags);
    bytes_put_u32(&c->output, stream);
}

static void put_window_update(struct connection *c, uint32_t more) {
    put_header(c, 4, WINDOW_UPDATE, 0, 0);
    bytes_put_u32(&c->output, more);
}

static void put_setting(struct connection *c, unsigned name, uint32_t value) {
    bytes_put_byte(&c->output, 0);
    bytes_put_byte(&c->output, name);
    bytes_put_u32(&c->output, value);
}

void frames_start(struct connection *c) {
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    bytes_put(&c->output, preface, sizeof preface - 1);
    put_header(c, 12, SETTINGS, 0, 0);
    put_setting(c, SETTING_PUSH, 0);
    // As wide as windows go: flow control is not what is measured.
    put_setting(c, SETTING_WINDOW, WINDOW);
    put_window_update(c, WINDOW - DEFAULT_WINDOW);
    c->send_window = DEFAULT_WINDOW;
    c->next_stream = 1;
}

void frames_call(struct connection *c, uint64_t now) {
    struct run *run = c->run;
    size_t in_flight = c->idle ? 1 : run->options->in_flight;
    while (c->outstanding < in_flight) {
        size_t key = run_next_key(run);
        const struct bytes *question = &run->calls.questions[key];
        if (c->send_window < (int64_t)bytes_count(question)) return;
        struct call *call;
        while ((call = &c->calls[c->next_stream / 2 & c->calls_mask])->stream != 0) c->next_stream += 2;
        *call = (struct call){.stream = c->next_stream, .key = key, .started = now};
        c->next_stream += 2;
        c->send_window -= (int64_t)bytes_count(question);
        const struct bytes *blocks = c->first_call_sent ? run->calls.next_blocks : run->calls.first_blocks;
        const struct bytes *block = &blocks[c->token];
        c->first_call_sent = true;
        put_header(c, bytes_count(block), HEADERS, END_HEADERS, call->stream);
        bytes_put(&c->output, block->base, bytes_count(block));
        put_header(c, bytes_count(question), DATA, END_STREAM, call->stream);
        bytes_put(&c->output, question->base, bytes_count(question));
        c->outstanding++;
        run->outstanding++;
    }
}

static bool take_settings(struct connection *c, const uint8_t *payload, size_t length) {
    for (; length >= 6; payload += 6, length -= 6) {
        unsigned name = (unsigned)payload[0] << 8 | payload[1];
        uint32_t value = read_u32(payload + 2);
        if (name == SETTING_HEADER_TABLE && value < 4096) fail("the server's HPACK table is too small: %u", value);
        if (name == SETTING_STREAMS && value < c->run->options->in_flight) fail("the server takes %u streams", value);
        if (name == SETTING_WINDOW && value < 1024) fail("the server's windows are too small: %u", value);
    }
    put_header(c, 0, SETTINGS, ACK, 0);
    return length == 0;
}

static bool take_data(struct connection *c, uint32_t stream, const uint8_t *bytes, size_t count, bool ends) {
    struct call *call = reply_call(c, stream);
    if (call == NULL) return true;
    if (count > 0) reply_data(c, call, bytes, count);
    if (ends && call->stream == stream) reply_failed(c, call, "no trailers", 0);
    return true;
}

static bool take_block(struct connection *c, uint64_t now) {
    bool good = reply_headers(c, c->block_stream, c->block.base + c->block.start, bytes_count(&c->block),
                              c->block_ends_stream, now);
    c->block.start = c->block.end = 0;
    return good;
}

static bool take_headers(struct connection *c, unsigned flags, uint32_t stream, const uint8_t *bytes, size_t count,
                         uint64_t now) {
    if (flags & PRIORITY) {
        if (count < 5) return false;
        bytes += 5;
        count -= 5;
    }
    if (flags & END_HEADERS) return reply_headers(c, stream, bytes, count, (flags & END_STREAM) != 0, now);
    c->block_stream = stream;
    c->block_ends_stream = (flags & END_STREAM) != 0;
    bytes_put(&c->block, bytes, count);
    return true;
}

static bool unpad(unsigned flags, const uint8_t **bytes, size_t *count) {
    if ((flags & PADDED) == 0) return true;
    if (*count < 1 || **bytes >= *count) return false;
    *count -= 1u + **bytes;
    *bytes += 1;
    return true;
}

static bool take_frame(struct connection *c, unsigned type, unsigned flags, uint32_t stream, const uint8_t *payload,
                       size_t length, uint64_t now) {
    const uint8_t *bytes = payload;
    size_t count = length;
    switch (type) {
        case DATA:
            c->consumed += length;
            if (c->consumed > GIVE_BACK) {
                put_window_update(c, (uint32_t)c->consumed);
                c->consumed = 0;
            }
            return unpad(flags, &bytes, &count) && take_data(c, stream, bytes, count, (flags & END_STREAM) != 0);
        case HEADERS:
            return unpad(flags, &bytes, &count) && take_headers(c, flags, stream, bytes, count, now);
        case CONTINUATION:
            bytes_put(&c->block, payload, length);
            return (flags & END_HEADERS) == 0 || take_block(c, now);
        case RST_STREAM: {
            struct call *call = reply_call(c, stream);
            // After the answer it is news of nothing.
            if (call != NULL && length == 4) reply_failed(c, call, "the server reset the stream", read_u32(payload));
            return length == 4;
        }
        case SETTINGS: return (flags & ACK) != 0 || take_settings(c, payload, length);
        case PING:
            if ((flags & ACK) != 0) return true;
            if (length != 8) return false;
            put_header(c, 8, PING, ACK, 0);
            bytes_put(&c->output, payload, 8);
            return true;
        case GOAWAY: return false;
        case WINDOW_UPDATE:
            if (length != 4) return false;
            if (stream == 0) c->send_window += read_u32(payload) & INT32_MAX;
            return true;
        default: return type != PUSH_PROMISE;
    }
}

bool frames_take(struct connection *c, uint64_t now) {
    struct bytes *in = &c->input;
    while (bytes_count(in) >= FRAME_HEADER) {
        const uint8_t *at = in->base + in->start;
        size_t length = read_u32(at) >> 8;
        if (length > MAX_FRAME) return false;
        if (bytes_count(in) < FRAME_HEADER + length) return true;
        in->start += FRAME_HEADER + length;
        if (!take_frame(c, at[3], at[4], read_u32(at + 5) & INT32_MAX, at + FRAME_HEADER, length, now)) return false;
    }
    return true;
}
