// libpq as the distribution ships it, and the few glibc calls that the embedded server needs and Swift does not see.
// Nothing here decides anything.
#pragma once
#include <dlfcn.h>
#include <libpq-fe.h>
#include <spawn.h>
#include <sys/types.h>

/// Bytes that TLS has read from the socket and libpq has not taken: the descriptor does not become readable for them.
/// libpq does not tell, and its own libssl is the only one that may be asked.
static inline int clibpq_tls_pending(PGconn *connection) {
    void *tls = PQsslStruct(connection, "OpenSSL");
    if (tls == NULL) return 0;
    int (*pending)(const void *) = (int (*)(const void *))dlsym(NULL, "SSL_pending");
    return pending == NULL ? 0 : pending(tls);
}

// glibc declares these only with _GNU_SOURCE, which Swift's Glibc module does not define.
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *, const char *);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
int setfsuid(uid_t);
int setfsgid(gid_t);
/// POSIX_SPAWN_SETSID, hidden likewise.
enum { CLIBPQ_SPAWN_SETSID = 0x80 };
