// libcurl as the distribution ships it. Nothing here decides anything.
//
// curl_easy_setopt, curl_easy_getinfo and curl_multi_setopt are variadic: Swift cannot import them, and an argument of
// the wrong type is not an error but a crash. Hence one named, typed function for each option in use.
#pragma once
#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>

#define CCURL_EASY(name, option, type)                                          \
    static inline CURLcode ccurl_set_##name(CURL *easy, type value) {           \
        return curl_easy_setopt(easy, option, value);                           \
    }
#define CCURL_MULTI(name, option, type)                                         \
    static inline CURLMcode ccurl_multi_set_##name(CURLM *multi, type value) {  \
        return curl_multi_setopt(multi, option, value);                         \
    }
#define CCURL_INFO(name, info, type)                                            \
    static inline type ccurl_get_##name(CURL *easy) {                           \
        type value = 0;                                                         \
        curl_easy_getinfo(easy, info, &value);                                  \
        return value;                                                           \
    }

// What every transfer sets.
CCURL_EASY(url, CURLOPT_URL, const char *)
CCURL_EASY(protocols, CURLOPT_PROTOCOLS_STR, const char *)
CCURL_EASY(proxy, CURLOPT_PROXY, const char *)
CCURL_EASY(no_signal, CURLOPT_NOSIGNAL, long)
CCURL_EASY(quick_exit, CURLOPT_QUICK_EXIT, long)
CCURL_EASY(follow_location, CURLOPT_FOLLOWLOCATION, long)
CCURL_EASY(netrc, CURLOPT_NETRC, long)
CCURL_EASY(timeout_ms, CURLOPT_TIMEOUT_MS, long)
CCURL_EASY(connect_timeout_ms, CURLOPT_CONNECTTIMEOUT_MS, long)
CCURL_EASY(maximum_idle_s, CURLOPT_MAXAGE_CONN, long)
CCURL_EASY(fresh_connect, CURLOPT_FRESH_CONNECT, long)
CCURL_EASY(verify_peer, CURLOPT_SSL_VERIFYPEER, long)
CCURL_EASY(verify_host, CURLOPT_SSL_VERIFYHOST, long)
CCURL_EASY(trust_authority, CURLOPT_CAINFO, const char *)

// Callbacks, each with its context.
CCURL_EASY(write_callback, CURLOPT_WRITEFUNCTION, curl_write_callback)
CCURL_EASY(write_context, CURLOPT_WRITEDATA, void *)
CCURL_EASY(header_callback, CURLOPT_HEADERFUNCTION, curl_write_callback)
CCURL_EASY(header_context, CURLOPT_HEADERDATA, void *)
CCURL_EASY(read_callback, CURLOPT_READFUNCTION, curl_read_callback)
CCURL_EASY(read_context, CURLOPT_READDATA, void *)
CCURL_EASY(no_progress, CURLOPT_NOPROGRESS, long)
CCURL_EASY(progress_callback, CURLOPT_XFERINFOFUNCTION, curl_xferinfo_callback)
CCURL_EASY(progress_context, CURLOPT_XFERINFODATA, void *)
CCURL_EASY(verbose, CURLOPT_VERBOSE, long)
CCURL_EASY(debug_callback, CURLOPT_DEBUGFUNCTION, curl_debug_callback)
CCURL_EASY(debug_context, CURLOPT_DEBUGDATA, void *)
CCURL_EASY(open_socket_callback, CURLOPT_OPENSOCKETFUNCTION, curl_opensocket_callback)
CCURL_EASY(open_socket_context, CURLOPT_OPENSOCKETDATA, void *)
CCURL_EASY(close_socket_callback, CURLOPT_CLOSESOCKETFUNCTION, curl_closesocket_callback)
CCURL_EASY(close_socket_context, CURLOPT_CLOSESOCKETDATA, void *)

// HTTP.
CCURL_EASY(http_version, CURLOPT_HTTP_VERSION, long)
CCURL_EASY(http_get, CURLOPT_HTTPGET, long)
CCURL_EASY(http_no_body, CURLOPT_NOBODY, long)
CCURL_EASY(http_post, CURLOPT_POST, long)
CCURL_EASY(http_body_size, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t)
CCURL_EASY(http_method, CURLOPT_CUSTOMREQUEST, const char *)
CCURL_EASY(http_headers, CURLOPT_HTTPHEADER, struct curl_slist *)

// SMTP.
CCURL_EASY(upload, CURLOPT_UPLOAD, long)
CCURL_EASY(upload_size, CURLOPT_INFILESIZE_LARGE, curl_off_t)
CCURL_EASY(use_ssl, CURLOPT_USE_SSL, long)
CCURL_EASY(user, CURLOPT_USERNAME, const char *)
CCURL_EASY(password, CURLOPT_PASSWORD, const char *)
CCURL_EASY(mail_from, CURLOPT_MAIL_FROM, const char *)
CCURL_EASY(mail_recipients, CURLOPT_MAIL_RCPT, struct curl_slist *)
CCURL_EASY(mail_allow_failures, CURLOPT_MAIL_RCPT_ALLLOWFAILS, long)
CCURL_EASY(response_timeout_s, CURLOPT_SERVER_RESPONSE_TIMEOUT, long)

// IMAP: libcurl connects, encrypts and logs in; the commands are ours.
CCURL_EASY(connect_only, CURLOPT_CONNECT_ONLY, long)
CCURL_EASY(xoauth2_bearer, CURLOPT_XOAUTH2_BEARER, const char *)
CCURL_EASY(tcp_keepalive, CURLOPT_TCP_KEEPALIVE, long)

// What a transfer tells afterwards.
CCURL_INFO(response_code, CURLINFO_RESPONSE_CODE, long)
CCURL_INFO(request_size, CURLINFO_REQUEST_SIZE, long)
CCURL_INFO(upload_size, CURLINFO_SIZE_UPLOAD_T, curl_off_t)
CCURL_INFO(os_error, CURLINFO_OS_ERRNO, long)
CCURL_INFO(active_socket, CURLINFO_ACTIVESOCKET, curl_socket_t)

// The set of transfers.
CCURL_MULTI(socket_callback, CURLMOPT_SOCKETFUNCTION, curl_socket_callback)
CCURL_MULTI(socket_context, CURLMOPT_SOCKETDATA, void *)
CCURL_MULTI(timer_callback, CURLMOPT_TIMERFUNCTION, curl_multi_timer_callback)
CCURL_MULTI(timer_context, CURLMOPT_TIMERDATA, void *)
CCURL_MULTI(host_connections, CURLMOPT_MAX_HOST_CONNECTIONS, long)
CCURL_MULTI(total_connections, CURLMOPT_MAX_TOTAL_CONNECTIONS, long)
CCURL_MULTI(cached_connections, CURLMOPT_MAXCONNECTS, long)

#undef CCURL_EASY
#undef CCURL_MULTI
#undef CCURL_INFO

// Macros with casts, which Swift does not see.
enum { CCURL_SOCKET_TIMEOUT = -1 };
static inline CURLcode ccurl_global_init(void) { return curl_global_init(CURL_GLOBAL_ALL); }
