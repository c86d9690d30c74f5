#pragma once
#include <malloc.h>
#include <nghttp2/nghttp2.h>
#include <stdlib.h>
#include <string.h>

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

// nghttp2 keeps decoded header fields, tokens among them, in memory that it gives back unwiped.
static inline void cnghttp2_wiping_free(void *pointer, void *unused) {
  (void)unused;
  if (pointer == NULL) return;
  explicit_bzero(pointer, malloc_usable_size(pointer));
  free(pointer);
}

static inline void *cnghttp2_malloc(size_t size, void *unused) {
  (void)unused;
  return malloc(size);
}

static inline void *cnghttp2_calloc(size_t count, size_t size, void *unused) {
  (void)unused;
  return calloc(count, size);
}

static inline void *cnghttp2_wiping_realloc(void *pointer, size_t size, void *unused) {
  void *fresh = malloc(size);
  if (fresh == NULL || pointer == NULL) return fresh;
  size_t held = malloc_usable_size(pointer);
  memcpy(fresh, pointer, held < size ? held : size);
  cnghttp2_wiping_free(pointer, unused);
  return fresh;
}

static inline nghttp2_mem cnghttp2_wiping_memory(void) {
  nghttp2_mem memory = {NULL, cnghttp2_malloc, cnghttp2_wiping_free, cnghttp2_calloc, cnghttp2_wiping_realloc};
  return memory;
}
