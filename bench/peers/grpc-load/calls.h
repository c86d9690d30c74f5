#pragma once

#include "bytes.h"
#include "options.h"

// The bytes of a call and of its answer, made once: in the window they are only copied and compared.
struct calls {
    size_t keys, token_count;
    // Of each key: the DATA payload that asks for it, and the one that answers.
    struct bytes *questions, *answers;
    // Of each token: the header block of a connection's first call, which fills the HPACK table, and of the others.
    struct bytes *first_blocks, *next_blocks;
};

struct calls make_calls(const struct options *o);
