// Memory that a program gives back is wiped, whoever had it: Swift's strings and arrays, OpenSSL, libcurl, libyaml and
// libpq hold tokens and secrets on their way, and do not know which of their buffers did.
//
// A program's own `free` and `realloc` take the place of glibc's for every library that it loads, and these hand on to
// glibc's own by the name that it exports. The sanitizers put theirs in the same place and are left alone.
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

extern void __libc_free(void *pointer);

// Bit 1 of the word before a block says that the block is a mapping of its own, which goes back to the kernel at once.
// Writing to it would only bring in pages that nobody ever touched.
static int is_mapping(const void *pointer) { return (((const size_t *)pointer)[-1] & 2) != 0; }

void free(void *pointer) {
  if (pointer == NULL) return;
  if (!is_mapping(pointer)) explicit_bzero(pointer, malloc_usable_size(pointer));
  __libc_free(pointer);
}

void *realloc(void *pointer, size_t size) {
  if (pointer == NULL) return malloc(size);
  if (size == 0) {
    free(pointer);
    return NULL;
  }
  size_t held = malloc_usable_size(pointer);
  // It stays where it is unless it outgrew its block, or most of that would lie idle.
  if (size <= held && size >= held / 2) return pointer;
  void *fresh = malloc(size);
  if (fresh == NULL) return NULL;
  memcpy(fresh, pointer, held < size ? held : size);
  free(pointer);
  return fresh;
}

#endif
