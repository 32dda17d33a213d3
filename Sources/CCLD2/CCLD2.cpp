#include "CCLD2.h"

#include <climits>
// The next header needs it and does not say so.
#include <cstdio>
#include <cstring>

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

int ccld2_detect(const char *text, size_t length, const char *home, char *code, size_t capacity) {
    if (capacity == 0 || length > INT_MAX) return 0;
    CLD2::CLDHints hints = {nullptr, *home ? home : nullptr, CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
    CLD2::Language best[3];
    int percent[3];
    double score[3];
    int bytes = 0;
    bool reliable = false;
    CLD2::Language language;
    try {
        language = CLD2::ExtDetectLanguageSummary(
            text, static_cast<int>(length), true, &hints, 0, best, percent, score, nullptr, &bytes, &reliable);
    } catch (...) {
        return 0;
    }
    if (!reliable || language == CLD2::UNKNOWN_LANGUAGE) return 0;
    const char *name = CLD2::LanguageCode(language);
    if (std::strlen(name) >= capacity) return 0;
    std::strcpy(code, name);
    return 1;
}
