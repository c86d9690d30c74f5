#pragma once
// No _GNU_SOURCE: Swift's own Glibc module is built without it, and two views of one header do not mix.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <malloc.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// errno is a macro over a thread-local, which Swift does not import under every libc.
static inline int clinux_errno(void) { return errno; }

// accept4 is declared under _GNU_SOURCE only; Linux has it everywhere.
int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);

// fcntl is variadic.
static inline int clinux_set_nonblocking(int fd) {
  int flags = fcntl(fd, F_GETFL, 0);
  return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

static inline uint64_t clinux_clock_ns(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

// A core that root has made all the same, by gdb as by the kernel, then has no memory in it (core(5)). Programs that start
// others must not ask for it, which inherit it. To be called before clinux_set_undumpable: after it the file is root's.
static inline int clinux_leave_memory_out_of_cores(void) {
  int file = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);
  if (file < 0) return -1;
  ssize_t written = write(file, "0", 1);
  close(file);
  return written == 1 ? 0 : -1;
}

extern char **environ;
// prctl is variadic: no core dump and no ptrace by the same user may show what is in memory. A core that root makes all the
// same leaves the environment out, which may hold credentials: the strings that the kernel has put next to each other.
static inline int clinux_set_undumpable(void) {
  if (environ != NULL && environ[0] != NULL) {
    uintptr_t start = (uintptr_t)environ[0], end = start;
    for (char **variable = environ; *variable != NULL && (uintptr_t)*variable == end; variable++) {
      end += strlen(*variable) + 1;
    }
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), first = start & ~(page - 1);
    madvise((void *)first, (end - first + page - 1) & ~(page - 1), MADV_DONTDUMP);
  }
  return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

// Cores that this process may run on; sched_getaffinity itself is declared under _GNU_SOURCE only.
static inline int clinux_available_cores(void) {
  unsigned long mask[128] = {0};
  long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
  int cores = 0;
  for (size_t word = 0; bytes > 0 && word < (size_t)bytes / sizeof mask[0]; word++) {
    cores += __builtin_popcountl(mask[word]);
  }
  return cores > 0 ? cores : 1;
}

// Hands free pages of every arena back to the system (glibc only).
static inline void clinux_return_free_memory(void) { malloc_trim(0); }

// Memory for secrets, zeroed and never in a core dump. NULL when there is none.
static inline void *clinux_map_secrets(size_t size) {
  void *start = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) return NULL;
  madvise(start, size, MADV_DONTDUMP);
  return start;
}
// The same, aligned to its size, which is a power of two.
static inline void *clinux_map_secret_region(size_t size) {
  char *start = (char *)clinux_map_secrets(2 * size);
  if (start == NULL) return NULL;
  size_t before = (size - (uintptr_t)start % size) % size;
  if (before > 0) munmap(start, before);
  munmap(start + before + size, size - before);
  return start + before;
}
// The same for large tables, in huge pages where the system gives them, since a lookup anywhere in hundreds of megabytes
// otherwise misses the TLB each time.
static inline void *clinux_map_table(size_t size) {
  void *start = clinux_map_secrets(size);
  if (start != NULL) madvise(start, size, MADV_HUGEPAGE);
  return start;
}

// open is variadic.
static inline int clinux_open_spare_descriptor(void) { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

// The soft limit of a login shell is 1,024 descriptors; a server takes what the hard limit allows.
static inline void clinux_raise_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

static inline uint64_t clinux_descriptor_limit(void) {
  struct rlimit limit;
  return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (uint64_t)limit.rlim_cur : 0;
}

// Byte-range locks that belong to the open file, not to the process: two of them in one process exclude each other,
// and closing another descriptor of the same file keeps them. fcntl is variadic, and the commands are declared under
// _GNU_SOURCE only (fcntl(2), "Open file description locks").
static inline int clinux_open_lock_file(const char *path) {
  return open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}
static inline struct flock clinux_one_byte(int64_t offset) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = offset, .l_len = 1};
  return lock;
}
// 1 when this descriptor has the byte now, 0 when another one has it, -1 on an error.
static inline int clinux_lock_byte(int fd, int64_t offset) {
  struct flock lock = clinux_one_byte(offset);
  if (fcntl(fd, 37 /* F_OFD_SETLK */, &lock) == 0) return 1;
  return errno == EAGAIN || errno == EACCES ? 0 : -1;
}
// 1 when another descriptor has the byte, 0 when none has, -1 on an error.
static inline int clinux_byte_is_locked(int fd, int64_t offset) {
  struct flock lock = clinux_one_byte(offset);
  if (fcntl(fd, 36 /* F_OFD_GETLK */, &lock) != 0) return -1;
  return lock.l_type != F_UNLCK;
}
// Whether `path` still names the file that is open.
static inline int clinux_is_file_at(int fd, const char *path) {
  struct stat opened, named;
  return fstat(fd, &opened) == 0 && stat(path, &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino;
}
