#pragma once

// GMime and libxml2 for Swift: bytes in, plain values out, no policy. Any thread may call; nothing is kept between calls.
// What a call returns as `char *` or `uint8_t *` is the caller's, to be given to cmail_free.

#include <stddef.h>
#include <stdint.h>

void cmail_free(void *memory);

// MARK: words and values (values.c). Every

// RFC 2045's encodings and uuencode, without regard to what is wrong. Null for an encoding that changes nothing.
uint8_t *cmail_decode_transfer(const char *encoding, const uint8_t *bytes, size_t length, size_t *decoded);
// Into UTF-8; what cannot be converted becomes U+FFFD and is counted. Null if no such charset is known.
uint8_t *cmail_convert(const char *charset, const uint8_t *bytes, size_t length, size_t most, size_t *converted, size_t *wrong);
// Content-Type or Content-Disposition: the type (name null), then each parameter, RFC 2231 and 2047 undone.
void cmail_parameters(const char *value, int is_type, void *context,
                      void (*each)(void *context, const char *name, const char *value));
// Seconds since 1970, or 0 in `*valid`.
int64_t cmail_date(const char *value, int *valid);

// MARK: markup (markup.c)

typedef struct {
    void *context;
    // `attributes`: name, value, name, value, null; or null. A value may be null.
    void (*start)(void *context, const char *name, const char *const *attributes);
    void (*end)(void *context, const char *name);
    void (*text)(void *context, const char *bytes, int32_t length);
} cmail_markup;

// UTF-8 in. Returns 0 once elements are nested deeper than `deepest`, with the rest unread; else 1.
int cmail_read_html(const uint8_t *bytes, size_t length, int32_t deepest, const cmail_markup *markup);
// A document of elements, attributes and text: no DTD, no entities but the five of XML, no network. 0 if it breaks off.
int cmail_read_xml(const uint8_t *bytes, size_t length, int32_t deepest, const cmail_markup *markup);
