#pragma once

// CLD2, Compact Language Detector 2 (github.com/CLD2Owners/cld2), for Swift: C linkage, no exception crosses.
// It keeps no state: any thread may call.

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// Writes the code of the text's language (ISO 639-1 where there is one), with a zero at its end.
// `home`: a country's domain, as "it", whose language is the likelier one in doubt; may be empty.
// Returns 1, or 0 if the text does not tell.
int ccld2_detect(const char *text, size_t length, const char *home, char *code, size_t capacity);

#ifdef __cplusplus
}
#endif
