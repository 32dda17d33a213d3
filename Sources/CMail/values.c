#include "CMail.h"
#include <errno.h>
#include <gmime/gmime.h>
#include <pthread.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;

// GMime's tables are made once, whichever thread comes first.
static void start(void) { pthread_once(&once, g_mime_init); }

void cmail_free(void *memory) { g_free(memory); }

// Options are not shared between threads: GMime keeps state in them.
static GMimeParserOptions *loose(void) {
    start();
    GMimeParserOptions *options = g_mime_parser_options_new();
    static const char *fallbacks[] = {"utf-8", "windows-1252", NULL};
    g_mime_parser_options_set_fallback_charsets(options, fallbacks);
    return options;
}

uint8_t *cmail_decode_transfer(const char *encoding, const uint8_t *bytes, size_t length, size_t *decoded) {
    GMimeContentEncoding which = g_mime_content_encoding_from_string(encoding);
    if (which != GMIME_CONTENT_ENCODING_BASE64 && which != GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE
        && which != GMIME_CONTENT_ENCODING_UUENCODE)
        return NULL;
    GMimeEncoding state;
    g_mime_encoding_init_decode(&state, which);
    uint8_t *out = g_try_malloc(g_mime_encoding_outlen(&state, length) + 4);
    if (out == NULL) return NULL;
    *decoded = g_mime_encoding_flush(&state, (const char *)bytes, length, (char *)out);
    return out;
}

uint8_t *cmail_convert(const char *charset, const uint8_t *bytes, size_t length, size_t most, size_t *converted, size_t *wrong) {
    start();
    iconv_t converter = g_mime_iconv_open("UTF-8", charset);
    if (converter == (iconv_t)-1) return NULL;
    size_t capacity = length + length / 2 + 64;
    if (capacity > most) capacity = most;
    uint8_t *out = g_try_malloc(capacity + 16);
    char *in = (char *)bytes;
    size_t left = length, used = 0;
    *wrong = 0;
    while (out && used < most) {
        char *at = (char *)out + used;
        size_t room = capacity - used;
        size_t result = left > 0 ? g_mime_iconv(converter, &in, &left, &at, &room)
                                 : g_mime_iconv(converter, NULL, NULL, &at, &room);
        used = capacity - room;
        if (result != (size_t)-1) {
            if (left == 0 && in == NULL) break;
            if (left == 0) in = NULL;
            continue;
        }
        if (errno == E2BIG || capacity - used < 4) {
            if (capacity >= most) break;
            capacity = capacity * 2 < most ? capacity * 2 : most;
            uint8_t *larger = g_try_realloc(out, capacity + 16);
            if (larger == NULL) break;
            out = larger;
            continue;
        }
        if (left == 0) break;
        memcpy(out + used, "\xEF\xBF\xBD", 3);
        used += 3;
        in++, left--, (*wrong)++;
    }
    g_mime_iconv_close(converter);
    *converted = used;
    return out;
}

static void each_parameter(GMimeParamList *list, void *context, void (*each)(void *, const char *, const char *)) {
    int count = list ? g_mime_param_list_length(list) : 0;
    for (int i = 0; i < count; i++) {
        GMimeParam *parameter = g_mime_param_list_get_parameter_at(list, i);
        each(context, g_mime_param_get_name(parameter), g_mime_param_get_value(parameter));
    }
}

void cmail_parameters(const char *value, int is_type, void *context, void (*each)(void *, const char *, const char *)) {
    GMimeParserOptions *options = loose();
    if (is_type) {
        GMimeContentType *type = g_mime_content_type_parse(options, value);
        char *name = g_mime_content_type_get_mime_type(type);
        each(context, NULL, name);
        g_free(name);
        each_parameter(g_mime_content_type_get_parameters(type), context, each);
        g_object_unref(type);
    } else {
        GMimeContentDisposition *disposition = g_mime_content_disposition_parse(options, value);
        each(context, NULL, g_mime_content_disposition_get_disposition(disposition));
        each_parameter(g_mime_content_disposition_get_parameters(disposition), context, each);
        g_object_unref(disposition);
    }
    g_mime_parser_options_free(options);
}

int64_t cmail_date(const char *value, int *valid) {
    start();
    GDateTime *date = g_mime_utils_header_decode_date(value);
    *valid = date != NULL;
    if (date == NULL) return 0;
    int64_t seconds = g_date_time_to_unix(date);
    g_date_time_unref(date);
    return seconds;
}
