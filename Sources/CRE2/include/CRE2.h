#pragma once

// RE2 (github.com/google/re2) for Swift: C linkage, no exception crosses, all text is bytes with a length.
// A compiled set or pattern is immutable and may be used by many threads at once.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cre2_list cre2_list;
typedef struct cre2_filter cre2_filter;
typedef struct cre2_pattern cre2_pattern;

enum {
    // Pattern and text are bytes, not UTF-8.
    CRE2_BYTES = 1,
    CRE2_IGNORE_CASE = 2
};

enum {
    // The pattern is not one; its error buffer says why.
    CRE2_INVALID = -2,
    // Anything else, such as no memory left for the process.
    CRE2_FAILED = -3
};

// An empty list of patterns, each compiled when it is first tested: it must be valid.
cre2_list *cre2_list_new(int flags);
void cre2_list_delete(cre2_list *list);
// Returns the pattern's id, counted from 0 in the order of adding, or a negative code.
int cre2_list_add(cre2_list *list, const char *pattern, size_t length);
// Whether one pattern occurs in the text: 1, 0 or a negative code. Once one is tested nothing may be added.
int cre2_list_test(const cre2_list *list, int id, const char *text, size_t length);

// An empty set that tells which of its patterns may occur in a text because their literal parts do. For patterns whose
// one automaton would have too many states: the cost is that of a search for the literals, and one for each pattern that
// is then tried. `max_memory` is for each pattern; one that needs more gets it. Texts are to be in lower case if
// CRE2_IGNORE_CASE.
cre2_filter *cre2_filter_new(int flags, int64_t max_memory);
void cre2_filter_delete(cre2_filter *filter);
// As the function of a list.
int cre2_filter_add(cre2_filter *filter, const char *pattern, size_t length);
// Returns 0 or a negative code. Nothing may be added afterwards.
int cre2_filter_compile(cre2_filter *filter);
// The literals that are to be looked for; valid as long as the filter.
int cre2_filter_literal_count(const cre2_filter *filter);
const char *cre2_filter_literal(const cre2_filter *filter, int number, size_t *length);
// Writes the ids of the patterns that may occur in a text that holds these literals, and no other.
// Returns their number, at most `capacity` of which were written, or a negative code.
int cre2_filter_possible(
    const cre2_filter *filter, const int32_t *literals, size_t count, int32_t *ids, size_t capacity);
// Whether one pattern occurs: 1, 0 or a negative code.
int cre2_filter_test(const cre2_filter *filter, int id, const char *text, size_t length);

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
