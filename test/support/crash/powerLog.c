// Preloaded into a process (LD_PRELOAD), this logs what it does to the files under POWER_ROOT: which bytes it writes where,
// what it renames and removes, and what it puts on disk, in order, with what it writes to standard output between. From the
// log a test builds what a power cut could have left at any moment. Linux and glibc.
// A record: kind (1 byte), length of the path, offset, length of the data (u32, u64, u32 little-endian), path, data.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CREATE = 'c', WRITE = 'w', TRUNCATE = 't', SYNC = 's', RENAME = 'r', UNLINK = 'u', TOLD = 'o' };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int out = -1;
static const char *root;

__attribute__((constructor)) static void start(void) {
  root = getenv("POWER_ROOT");
  const char *file = getenv("POWER_LOG");
  if (root != NULL && file != NULL)
    out = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int ours(const char *path) {
  return out >= 0 && path != NULL && strncmp(path, root, strlen(root)) == 0;
}

static void put(const void *data, size_t size) {
  for (const char *at = data; size > 0;) {
    long done = syscall(SYS_write, out, at, size);
    if (done <= 0) abort(); // a log with a hole would prove nothing
    at += done;
    size -= (size_t)done;
  }
}

static void note(char kind, const char *path, uint64_t offset, const void *data, size_t size) {
  char head[17];
  uint32_t path_size = (uint32_t)strlen(path), data_size = (uint32_t)size;
  head[0] = kind;
  memcpy(head + 1, &path_size, 4);
  memcpy(head + 5, &offset, 8);
  memcpy(head + 13, &data_size, 4);
  pthread_mutex_lock(&lock);
  put(head, sizeof head);
  put(path, path_size);
  if (size > 0) put(data, size);
  pthread_mutex_unlock(&lock);
}

// The path of an open file of ours; 0 for any other.
static int path_of(int fd, char path[PATH_MAX]) {
  char link[64];
  if (out < 0 || fd < 0) return 0;
  {
    char *at = link;
    memcpy(at, "/proc/self/fd/", 14);
    at += 14;
    char digits[12];
    int n = 0, value = fd;
    do digits[n++] = (char)('0' + value % 10); while ((value /= 10) > 0);
    while (n > 0) *at++ = digits[--n];
    *at = 0;
  }
  long size = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
  if (size <= 0) return 0;
  path[size] = 0;
  return ours(path);
}

#define REAL(name) static __typeof__(name) *real; if (real == NULL) real = dlsym(RTLD_NEXT, #name)

static int missing(const char *path, int flags) {
  struct stat found;
  return (flags & O_CREAT) && ours(path) && fstatat(AT_FDCWD, path, &found, 0) != 0;
}

#define OPEN(name)                                                      \
  int name(const char *path, int flags, ...) {                          \
    REAL(name);                                                         \
    va_list args;                                                       \
    va_start(args, flags);                                              \
    mode_t mode = (flags & O_CREAT) ? va_arg(args, mode_t) : 0;         \
    va_end(args);                                                       \
    int made = missing(path, flags);                                    \
    int fd = real(path, flags, mode);                                   \
    if (fd >= 0 && made) note(CREATE, path, 0, NULL, 0);                \
    if (fd >= 0 && !made && (flags & O_TRUNC) && ours(path)) note(TRUNCATE, path, 0, NULL, 0); \
    return fd;                                                          \
  }
OPEN(open)
OPEN(open64)

static void wrote(int fd, const void *data, size_t size, off_t offset) {
  char path[PATH_MAX];
  if (path_of(fd, path)) note(WRITE, path, (uint64_t)offset, data, size);
}

ssize_t write(int fd, const void *data, size_t size) {
  REAL(write);
  if (out >= 0 && fd == 1) note(TOLD, "", 0, data, size); // before: what is told may have left
  off_t offset = out >= 0 && fd > 2 ? lseek(fd, 0, SEEK_CUR) : -1;
  ssize_t done = real(fd, data, size);
  if (done > 0 && offset >= 0) wrote(fd, data, (size_t)done, offset);
  return done;
}

#define PWRITE(name)                                                    \
  ssize_t name(int fd, const void *data, size_t size, off_t offset) {   \
    REAL(name);                                                         \
    ssize_t done = real(fd, data, size, offset);                        \
    if (done > 0) wrote(fd, data, (size_t)done, offset);                \
    return done;                                                        \
  }
PWRITE(pwrite)
PWRITE(pwrite64)

#define TRUNC(name)                                                     \
  int name(int fd, off_t size) {                                        \
    REAL(name);                                                         \
    char path[PATH_MAX];                                                \
    int done = real(fd, size);                                          \
    if (done == 0 && path_of(fd, path)) note(TRUNCATE, path, (uint64_t)size, NULL, 0); \
    return done;                                                        \
  }
TRUNC(ftruncate)
TRUNC(ftruncate64)

// After: only then is it on disk.
#define FSYNC(name)                                                     \
  int name(int fd) {                                                    \
    REAL(name);                                                         \
    char path[PATH_MAX];                                                \
    int done = real(fd);                                                \
    if (done == 0 && path_of(fd, path)) note(SYNC, path, 0, NULL, 0);   \
    return done;                                                        \
  }
FSYNC(fsync)
FSYNC(fdatasync)

int rename(const char *from, const char *to) {
  REAL(rename);
  int done = real(from, to);
  if (done == 0 && ours(from)) note(RENAME, from, 0, to, strlen(to));
  return done;
}

int unlink(const char *path) {
  REAL(unlink);
  int done = real(path);
  if (done == 0 && ours(path)) note(UNLINK, path, 0, NULL, 0);
  return done;
}
