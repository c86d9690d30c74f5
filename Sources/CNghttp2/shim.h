#pragma once
#include <nghttp2/nghttp2.h>

// Swift reads a member of a union by copying all of it; this takes out what the callbacks look at.
typedef struct {
  size_t length;
  size_t padding;
  int32_t stream_id;
  uint32_t error_code;
  uint8_t type;
  uint8_t flags;
} cnghttp2_frame_facts;

static inline cnghttp2_frame_facts cnghttp2_facts(const nghttp2_frame *frame) {
  cnghttp2_frame_facts facts = {frame->hd.length, 0, frame->hd.stream_id, 0, frame->hd.type, frame->hd.flags};
  switch (frame->hd.type) {
  case NGHTTP2_DATA: facts.padding = frame->data.padlen; break;
  case NGHTTP2_RST_STREAM: facts.error_code = frame->rst_stream.error_code; break;
  case NGHTTP2_GOAWAY: facts.error_code = frame->goaway.error_code; break;
  default: break;
  }
  return facts;
}
