// Makes each fsync and fdatasync take longer, as on a slower disk: LD_PRELOAD with FSYNC_DELAY_MS.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static void wait_longer(void) {
    const char *text = getenv("FSYNC_DELAY_MS");
    long delay = text ? atol(text) : 0;
    struct timespec time = { delay / 1000, delay % 1000 * 1000000 };
    nanosleep(&time, NULL);
}

int fdatasync(int descriptor) {
    static int (*next)(int);
    if (!next) next = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    wait_longer();
    return next(descriptor);
}

int fsync(int descriptor) {
    static int (*next)(int);
    if (!next) next = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    wait_longer();
    return next(descriptor);
}
