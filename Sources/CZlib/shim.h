#pragma once
#include <zlib.h>

// inflateInit2 is a macro, which Swift cannot call. 16 asks for gzip's header and trailer (RFC 1952) and for no other.
static inline int czlib_gzip_inflate_init(z_stream *stream) { return inflateInit2(stream, 16 + MAX_WBITS); }
