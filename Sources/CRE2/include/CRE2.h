#pragma once

// RE2 (github.com/google/re2) for Swift: C linkage, no exception crosses, all text is bytes with a length.
// A compiled set or pattern is immutable and may be used by many threads at once.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cre2_set cre2_set;
typedef struct cre2_pattern cre2_pattern;

enum {
    // Pattern and text are bytes, not UTF-8.
    CRE2_BYTES = 1,
    CRE2_IGNORE_CASE = 2
};

enum {
    // The automaton did not fit into the set's memory.
    CRE2_OUT_OF_MEMORY = -1,
    // The pattern is not one; its error buffer says why.
    CRE2_INVALID = -2,
    // Anything else, such as no memory left for the process.
    CRE2_FAILED = -3
};

// An empty set whose automaton may use `max_memory` bytes. NULL if there is no memory.
cre2_set *cre2_set_new(int flags, int64_t max_memory);
void cre2_set_delete(cre2_set *set);

// Returns the pattern's id, counted from 0 in the order of adding, or a negative code.
int cre2_set_add(cre2_set *set, const char *pattern, size_t length, char *error, size_t error_capacity);

// Returns 0 or a negative code. Nothing may be added afterwards.
int cre2_set_compile(cre2_set *set);

// Writes the ids of the patterns that occur anywhere in the text, each once, in no order.
// Returns their number, at most `capacity` of which were written, or a negative code.
int cre2_set_match(const cre2_set *set, const char *text, size_t length, int32_t *ids, size_t capacity);

// The same answer pattern by pattern: slower, but within a small memory. The patterns are compiled on first use.
int cre2_set_match_each(const cre2_set *set, const char *text, size_t length, int32_t *ids, size_t capacity);

// Returns NULL and writes the reason if the pattern is not one. Always writes to `size` what compiling it has cost, in
// instructions of RE2's program.
cre2_pattern *cre2_pattern_new(
    const char *pattern, size_t length, int flags, int64_t max_memory, size_t *size, char *error,
    size_t error_capacity);
void cre2_pattern_delete(cre2_pattern *pattern);

// The first occurrence that starts at or after `from`. Returns 1 and its bounds, 0 if there is none, or a negative code.
int cre2_pattern_find(
    const cre2_pattern *pattern, const char *text, size_t length, size_t from, size_t *start, size_t *end);

#ifdef __cplusplus
}
#endif
