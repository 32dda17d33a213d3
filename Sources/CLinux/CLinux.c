#define _GNU_SOURCE
#include "CLinux.h"
#include <malloc.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int clinux_poll(struct pollfd *descriptors, size_t count, int microseconds) {
    struct timespec time = { .tv_sec = microseconds / 1000000, .tv_nsec = (long)(microseconds % 1000000) * 1000 };
    int ready = ppoll(descriptors, count, &time, NULL);
    return ready < 0 ? -errno : ready;
}

int clinux_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int clinux_epoll_set(int epoll, int fd, uint32_t events) {
    struct epoll_event event;
    memset(&event, 0, sizeof event);
    event.events = events;
    event.data.fd = fd;
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event) == 0) return 0;
    if (errno != ENOENT) return errno;
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : errno;
}

int clinux_epoll_remove(int epoll, int fd) {
    return epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL) == 0 ? 0 : errno;
}

int clinux_epoll_ready(int epoll, clinux_ready *out, int capacity) {
    struct epoll_event events[64];
    if (capacity > 64) capacity = 64;
    int count = epoll_wait(epoll, events, capacity, 0);
    if (count < 0) return -errno;
    for (int i = 0; i < count; i++) {
        out[i].fd = events[i].data.fd;
        out[i].events = events[i].events;
    }
    return count;
}

int clinux_datagram_socket(void) {
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return fd < 0 ? -errno : fd;
}

int clinux_datagram_send(int fd, const char *path, const void *bytes, size_t count) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof address.sun_path) return EINVAL;
    memcpy(address.sun_path, path, length);
    // An abstract address is as long as its name; a path ends with its zero.
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (path[0] == '@' ? 0 : 1));
    if (path[0] == '@') address.sun_path[0] = 0;
    ssize_t sent;
    do {
        sent = sendto(fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)&address, size);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? errno : 0;
}

int clinux_identity(int fd, uint64_t *device, uint64_t *inode) {
    struct stat status;
    if (fstat(fd, &status) != 0) return errno;
    *device = status.st_dev;
    *inode = status.st_ino;
    return 0;
}

ssize_t clinux_write_now(int fd, const void *bytes, size_t count) {
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    int answer = poll(&ready, 1, 0);
    if (answer < 0) return -errno;
    if (answer == 0) return -EAGAIN;
    ssize_t written;
    do { written = write(fd, bytes, count); } while (written < 0 && errno == EINTR);
    return written < 0 ? -errno : written;
}

/// Makes the entries of the directory that holds `path` durable.
static void sync_parent(const char *path) {
    char copy[4096];
    if (strlen(path) >= sizeof copy) return;
    strcpy(copy, path);
    int directory = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return;
    fsync(directory);
    close(directory);
}

int clinux_exchange(const char *one, const char *other) {
    if (renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE) != 0) return errno;
    sync_parent(one);
    sync_parent(other);
    return 0;
}

void clinux_trim_memory(void) { malloc_trim(0); }

void clinux_share_memory(int pools) { mallopt(M_ARENA_MAX, pools); }

void clinux_take_memory_in_bulk(void) {
    mallopt(M_TOP_PAD, 64 << 20);
    // Setting one of them fixes the others at what suits small programs.
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
}

int clinux_finish_output(void) {
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout)) return 0;
    return errno != 0 ? errno : EIO;
}
