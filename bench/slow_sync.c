// Makes each fsync and fdatasync take SLOW_SYNC_US microseconds longer, as a disk further away would. For s3.py:
// LD_PRELOAD of what the compiler makes of it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_longer(void) {
  const char* by = getenv("SLOW_SYNC_US");
  if (by != NULL) usleep((useconds_t)atoi(by));
}

int fsync(int file) {
  static int (*original)(int);
  if (original == NULL) original = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  wait_longer();
  return original(file);
}

int fdatasync(int file) {
  static int (*original)(int);
  if (original == NULL) original = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  wait_longer();
  return original(file);
}
