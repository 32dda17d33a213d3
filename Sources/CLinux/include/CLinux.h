// Linux calls and constants that Swift imports badly or not at all. Nothing here decides anything.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/types.h>

// Plain integers: EPOLLIN and its kin are anonymous-enum values, awkward to import across C libraries.
enum { CLINUX_EPOLL_READ = EPOLLIN, CLINUX_EPOLL_WRITE = EPOLLOUT, CLINUX_EPOLL_ERROR = EPOLLERR, CLINUX_EPOLL_HANGUP = EPOLLHUP };

/// One readiness report of clinux_epoll_wait.
typedef struct { int32_t fd; uint32_t events; } clinux_ready;

int clinux_epoll_create(void);
/// Adds or changes a descriptor. 0, or an errno.
int clinux_epoll_set(int epoll, int fd, uint32_t events);
/// Removes a descriptor. 0, or an errno.
int clinux_epoll_remove(int epoll, int fd);
/// Never blocks: what is ready now. The number of entries filled in, or -errno.
int clinux_epoll_ready(int epoll, clinux_ready *out, int capacity);

struct pollfd;
/// poll(2) that counts in microseconds; at most a second. The number of descriptors with something to report, 0 if the time is over, or -errno.
int clinux_poll(struct pollfd *descriptors, size_t count, int microseconds);

/// A datagram socket for sending to Unix addresses; never blocks. A descriptor, or -errno.
int clinux_datagram_socket(void);
/// Sends one datagram to the socket at `path`; a leading '@' means the abstract name space. 0, or an errno.
int clinux_datagram_send(int fd, const char *path, const void *bytes, size_t count);
/// The device and inode of an open descriptor, as $JOURNAL_STREAM names it. 0, or an errno.
int clinux_identity(int fd, uint64_t *device, uint64_t *inode);
/// Writes out what was printed. 0, or an errno if some of it could not be written, now or before.
int clinux_finish_output(void);
/// Gives memory that was freed back to the system.
void clinux_trim_memory(void);
/// Has all threads share so many pools of memory, from now on. What one pool has free no other can use: with eight for
/// each core, which is the default, a daemon that runs for long keeps more free memory than it uses.
void clinux_share_memory(int pools);
/// Has memory taken from the system in large pieces: for a short run that takes much and gives nothing back.
void clinux_take_memory_in_bulk(void);
/// Exchanges two directories (or files) of one file system at one stroke, and makes that durable. 0, or an errno.
int clinux_exchange(const char *one, const char *other);
/// Writes what fits without waiting. The number of bytes written, or -errno (-EAGAIN: the reader is too slow).
ssize_t clinux_write_now(int fd, const void *bytes, size_t count);
