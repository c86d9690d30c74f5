#pragma once
#include <stddef.h>

// The encoded google.protobuf.FileDescriptorSet of all that is served.
extern const unsigned char federation_file_descriptors[];
extern const size_t federation_file_descriptors_size;

static inline const unsigned char *cfederation_file_descriptors(void) { return federation_file_descriptors; }
