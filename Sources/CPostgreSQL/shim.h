#pragma once
#include <libpq-fe.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline void cpostgresql_close(int fd) { close(fd); }

// memfd_create is declared under _GNU_SOURCE only; 1 is MFD_CLOEXEC. -1 when there is no memory.
static inline int cpostgresql_memory_file(const void *bytes, size_t count) {
  int fd = (int)syscall(SYS_memfd_create, "trust", 1u);
  if (fd < 0) return -1;
  for (size_t done = 0; done < count;) {
    ssize_t written = write(fd, (const char *)bytes + done, count - done);
    if (written <= 0) {
      close(fd);
      return -1;
    }
    done += (size_t)written;
  }
  return fd;
}
