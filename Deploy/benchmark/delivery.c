// The other side of deliveries, and what libcurl alone can do with it.
//
//   delivery sink                                 answers SMTP and HTTP as fast as one thread can; prints both ports
//   delivery mail PORT CONNECTIONS COUNT BYTES    libcurl's multi loop: mails of BYTES, one after the other
//   delivery post PORT CONNECTIONS COUNT BYTES    the same: pairs of POSTs, /profiles (small) and /messages (BYTES)
//
// The sink keeps nothing and checks nothing. GET /stats tells what came in and the processor time taken so far; with
// the environment's PIPELINING=1 the mail server offers pipelining (RFC 2920).
#define _GNU_SOURCE
#include <curl/curl.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what) {
    fprintf(stderr, "delivery: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/// User and system time of this process, microseconds.
static double processor_time(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return ((double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec) * 1e6 + (double)usage.ru_utime.tv_usec
        + (double)usage.ru_stime.tv_usec;
}

// The sink.

enum kind { MAIL_LISTENER, WEB_LISTENER, MAIL, WEB };

struct peer {
    enum kind kind;
    int fd;
    /// Of a mail: its text is coming.
    int in_text;
    size_t used, size;
    char *in;
    size_t out_used, out_size;
    char *out;
};

static struct { long mails, mail_bytes, profiles, messages, message_bytes; } seen;
static int offers_pipelining;

static void say(struct peer *peer, const char *format, ...) {
    va_list arguments;
    if (peer->out_size - peer->out_used < 1024) {
        peer->out_size = peer->out_size * 2 + 4096;
        if (!(peer->out = realloc(peer->out, peer->out_size))) fail("memory");
    }
    va_start(arguments, format);
    peer->out_used += (size_t)vsnprintf(peer->out + peer->out_used, peer->out_size - peer->out_used, format, arguments);
    va_end(arguments);
}

/// Takes one command, or the rest of a mail's text.
/// - Returns: how many bytes, 0 if it is not all there, -1 when the connection is over.
static long take_mail(struct peer *peer, char *bytes, size_t count) {
    if (peer->in_text) {
        char *end = memmem(bytes, count, "\r\n.\r\n", 5);
        if (!end) return 0;
        peer->in_text = 0;
        seen.mails++;
        seen.mail_bytes += end + 5 - bytes;
        say(peer, "250 2.0.0 Ok: queued as %lX\r\n", seen.mails);
        return end + 5 - bytes;
    }
    char *end = memchr(bytes, '\n', count);
    if (!end) return 0;
    if (!strncasecmp(bytes, "EHLO", 4)) {
        say(peer, "250-sink\r\n%s250-8BITMIME\r\n250 SIZE 10485760\r\n", offers_pipelining ? "250-PIPELINING\r\n" : "");
    } else if (!strncasecmp(bytes, "DATA", 4)) {
        say(peer, "354 go on\r\n");
        peer->in_text = 1;
    } else if (!strncasecmp(bytes, "QUIT", 4)) {
        say(peer, "221 2.0.0 bye\r\n");
    } else {
        say(peer, "250 2.1.0 Ok\r\n");
    }
    return end + 1 - bytes;
}

static long take_request(struct peer *peer, char *bytes, size_t count) {
    char *end = memmem(bytes, count, "\r\n\r\n", 4);
    if (!end) return 0;
    size_t head = (size_t)(end + 4 - bytes), body = 0;
    char *length = memmem(bytes, head, "Content-Length: ", 16);
    if (length) body = strtoul(length + 16, NULL, 10);
    if (count < head + body) return 0;
    char *space = memchr(bytes, ' ', head), *path = space ? space + 1 : bytes;
    char *path_end = memchr(path, ' ', head - (size_t)(path - bytes));
    size_t path_length = path_end ? (size_t)(path_end - path) : 0;
    char answer[512];
    int status = 200;
    if (path_length >= 6 && !memcmp(path_end - 6, "/stats", 6)) {
        snprintf(answer, sizeof answer,
            "{\"mails\":%ld,\"mail_bytes\":%ld,\"profiles\":%ld,\"messages\":%ld,\"message_bytes\":%ld,\"cpu_us\":%.0f}",
            seen.mails, seen.mail_bytes, seen.profiles, seen.messages, seen.message_bytes, processor_time());
    } else if (path_length >= 9 && !memcmp(path_end - 9, "/profiles", 9)) {
        seen.profiles++;
        snprintf(answer, sizeof answer, "{\"sender_allowed\":true,\"preferred_languages\":[\"it_IT\"]}");
    } else {
        seen.messages++;
        seen.message_bytes += (long)body;
        status = 201;
        snprintf(answer, sizeof answer, "{\"id\":\"01K%023ld\"}", seen.messages);
    }
    say(peer, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", status,
        status == 200 ? "OK" : "Created", strlen(answer), answer);
    return (long)(head + body);
}

static void drop(struct peer *peer) {
    close(peer->fd);
    free(peer->in);
    free(peer->out);
    free(peer);
}

static void serve(struct peer *peer) {
    if (peer->size - peer->used < 16384) {
        peer->size = peer->size * 2 + 65536;
        if (!(peer->in = realloc(peer->in, peer->size))) fail("memory");
    }
    ssize_t count = recv(peer->fd, peer->in + peer->used, peer->size - peer->used, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return drop(peer);
    peer->used += (size_t)count;
    size_t taken = 0;
    while (taken < peer->used) {
        long more = (peer->kind == MAIL ? take_mail : take_request)(peer, peer->in + taken, peer->used - taken);
        if (more <= 0) break;
        taken += (size_t)more;
    }
    memmove(peer->in, peer->in + taken, peer->used - taken);
    peer->used -= taken;
    // Some hundred bytes to a peer that reads: always taken whole.
    if (peer->out_used && send(peer->fd, peer->out, peer->out_used, MSG_NOSIGNAL) < 0) return drop(peer);
    peer->out_used = 0;
}

static struct peer *watch(int epoll, int fd, enum kind kind) {
    struct peer *peer = calloc(1, sizeof *peer);
    if (!peer) fail("memory");
    peer->fd = fd;
    peer->kind = kind;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) fail("epoll");
    return peer;
}

static int listener(int *port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&address, length) || listen(fd, 1024)) fail("listen");
    if (getsockname(fd, (struct sockaddr *)&address, &length)) fail("getsockname");
    *port = ntohs(address.sin_port);
    return fd;
}

static void sink(void) {
    offers_pipelining = getenv("PIPELINING") != NULL;
    int epoll = epoll_create1(0), mail_port, web_port;
    watch(epoll, listener(&mail_port), MAIL_LISTENER);
    watch(epoll, listener(&web_port), WEB_LISTENER);
    printf("smtp %d http %d\n", mail_port, web_port);
    fflush(stdout);
    while (1) {
        struct epoll_event events[64];
        int count = epoll_wait(epoll, events, 64, -1);
        for (int i = 0; i < count; i++) {
            struct peer *peer = events[i].data.ptr;
            if (peer->kind == MAIL || peer->kind == WEB) {
                serve(peer);
                continue;
            }
            int fd = accept4(peer->fd, NULL, NULL, SOCK_NONBLOCK), one = 1;
            if (fd < 0) continue;
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            struct peer *fresh = watch(epoll, fd, peer->kind == MAIL_LISTENER ? MAIL : WEB);
            if (fresh->kind == MAIL && send(fd, "220 sink ESMTP\r\n", 16, MSG_NOSIGNAL) < 0) drop(fresh);
        }
    }
}

// libcurl alone: one multi handle, one thread, each easy handle used again as soon as it is done.

struct transfer {
    CURL *easy;
    char *body;
    size_t length, sent;
    int is_message;
};

static size_t read_body(char *buffer, size_t size, size_t count, void *context) {
    struct transfer *transfer = context;
    size_t most = size * count, left = transfer->length - transfer->sent, now = left < most ? left : most;
    memcpy(buffer, transfer->body + transfer->sent, now);
    transfer->sent += now;
    return now;
}

static size_t discard(char *bytes, size_t size, size_t count, void *context) {
    (void)bytes, (void)context;
    return size * count;
}

/// Lines of 74 characters, as a mail or as a body of JSON that nobody reads.
static char *text(size_t length) {
    char *result = malloc(length + 1);
    if (!result) fail("memory");
    for (size_t i = 0; i < length; i++) result[i] = i % 76 == 74 ? '\r' : i % 76 == 75 ? '\n' : 'a';
    if (length > 1) memcpy(result + length - 2, "\r\n", 2);
    result[length] = 0;
    return result;
}

static const char profile[] = "{\"fiscal_code\":\"AAAAAA00A00A000A\"}";

static int load(int is_mail, int port, int connections, long total, size_t length) {
    curl_global_init(CURL_GLOBAL_ALL);
    CURLM *multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)connections);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)connections);
    char first[128], second[128], *body = text(length);
    snprintf(first, sizeof first, is_mail ? "smtp://127.0.0.1:%d/bench" : "http://127.0.0.1:%d/io/profiles", port);
    snprintf(second, sizeof second, "http://127.0.0.1:%d/io/messages", port);
    struct curl_slist *recipients = curl_slist_append(NULL, "maria@example.org"), *headers = NULL;
    headers = curl_slist_append(headers, "Content-Type: application/json");
    headers = curl_slist_append(headers, "Ocp-Apim-Subscription-Key: 0123456789abcdef0123456789abcdef");
    struct transfer *transfers = calloc((size_t)connections, sizeof *transfers);
    long begun = 0, done = 0, failed = 0;
    double start = now(), processor = processor_time();
    for (int i = 0; i < connections && begun < total; i++, begun++) {
        struct transfer *transfer = &transfers[i];
        CURL *easy = transfer->easy = curl_easy_init();
        transfer->body = body;
        transfer->length = length;
        transfer->is_message = is_mail;
        curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
        curl_easy_setopt(easy, CURLOPT_URL, first);
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
        if (is_mail) {
            curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
            curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)length);
            curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_body);
            curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
            curl_easy_setopt(easy, CURLOPT_MAIL_FROM, "urp@example.org");
            curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, recipients);
        } else {
            curl_easy_setopt(easy, CURLOPT_POSTFIELDS, profile);
            curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)(sizeof profile - 1));
            curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        }
        curl_multi_add_handle(multi, easy);
    }
    while (done < total) {
        int running, left;
        curl_multi_perform(multi, &running);
        CURLMsg *message;
        int again = 0;
        while ((message = curl_multi_info_read(multi, &left))) {
            CURL *easy = message->easy_handle;
            struct transfer *transfer;
            if (message->data.result != CURLE_OK) failed++;
            curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
            curl_multi_remove_handle(multi, easy);
            transfer->sent = 0;
            int is_half = !transfer->is_message;
            if (!is_mail) {
                transfer->is_message = is_half;
                curl_easy_setopt(easy, CURLOPT_URL, is_half ? second : first);
                curl_easy_setopt(easy, CURLOPT_POSTFIELDS, is_half ? body : profile);
                curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)(is_half ? length : sizeof profile - 1));
            }
            if (!is_half) {
                done++;
                if (begun >= total) continue;
                begun++;
            }
            curl_multi_add_handle(multi, easy);
            again = 1;
        }
        if (!again && done < total) curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    double seconds = now() - start;
    printf(
        "{\"notifications\":%ld,\"failed\":%ld,\"seconds\":%.3f,\"per_second\":%.0f,\"cpu_us\":%.1f}\n", total, failed, seconds,
        (double)total / seconds, (processor_time() - processor) / (double)total);
    return failed != 0;
}

int main(int count, char **arguments) {
    signal(SIGPIPE, SIG_IGN);
    if (count == 2 && !strcmp(arguments[1], "sink")) sink();
    if (count == 6 && (!strcmp(arguments[1], "mail") || !strcmp(arguments[1], "post"))) {
        return load(
            !strcmp(arguments[1], "mail"), atoi(arguments[2]), atoi(arguments[3]), atol(arguments[4]),
            strtoul(arguments[5], NULL, 10));
    }
    fprintf(stderr, "usage: delivery sink | (mail|post) PORT CONNECTIONS COUNT BYTES\n");
    return 2;
}
