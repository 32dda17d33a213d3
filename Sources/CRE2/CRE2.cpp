#include "CRE2.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <vector>

namespace {

// Enough for one pattern; RE2 falls back to its NFA, which needs none, where the DFA does not fit.
constexpr int64_t kSingleMemory = 1 << 20;

// Instructions that could have been compiled in the time in which a pattern is found to be too large.
constexpr size_t kTooLarge = 20000;

RE2::Options options_for(int flags, int64_t max_memory) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_never_capture(true);
    options.set_max_mem(max_memory);
    options.set_case_sensitive((flags & CRE2_IGNORE_CASE) == 0);
    if (flags & CRE2_BYTES) options.set_encoding(RE2::Options::EncodingLatin1);
    return options;
}

void report(const std::string &message, char *error, size_t capacity) {
    if (error == nullptr || capacity == 0) return;
    size_t length = message.size() < capacity - 1 ? message.size() : capacity - 1;
    std::memcpy(error, message.data(), length);
    error[length] = 0;
}

}  // namespace

struct cre2_set {
    int flags;
    RE2::Set set;
    std::vector<std::string> patterns;
    mutable std::once_flag once;
    mutable std::vector<std::unique_ptr<RE2>> singles;

    cre2_set(int f, int64_t max_memory) : flags(f), set(options_for(f, max_memory), RE2::UNANCHORED) {}

    void compile_singles() const {
        std::vector<std::unique_ptr<RE2>> compiled;
        compiled.reserve(patterns.size());
        for (const auto &pattern : patterns)
            compiled.emplace_back(new RE2(pattern, options_for(flags, kSingleMemory)));
        singles = std::move(compiled);
    }
};

struct cre2_pattern {
    RE2 expression;
    cre2_pattern(const re2::StringPiece &text, const RE2::Options &options) : expression(text, options) {}
};

cre2_set *cre2_set_new(int flags, int64_t max_memory) {
    try {
        return new cre2_set(flags, max_memory);
    } catch (...) {
        return nullptr;
    }
}

void cre2_set_delete(cre2_set *set) { delete set; }

int cre2_set_add(cre2_set *set, const char *pattern, size_t length, char *error, size_t error_capacity) {
    try {
        std::string message;
        int id = set->set.Add(re2::StringPiece(pattern, length), &message);
        if (id < 0) {
            report(message, error, error_capacity);
            return CRE2_INVALID;
        }
        set->patterns.emplace_back(pattern, length);
        return id;
    } catch (...) {
        return CRE2_FAILED;
    }
}

int cre2_set_compile(cre2_set *set) {
    try {
        return set->set.Compile() ? 0 : CRE2_OUT_OF_MEMORY;
    } catch (...) {
        return CRE2_FAILED;
    }
}

int cre2_set_match(const cre2_set *set, const char *text, size_t length, int32_t *ids, size_t capacity) {
    try {
        // Kept by the thread, so that matching does not allocate for its answer.
        static thread_local std::vector<int> found;
        RE2::Set::ErrorInfo info;
        found.clear();
        if (!set->set.Match(re2::StringPiece(text, length), &found, &info)) {
            switch (info.kind) {
            case RE2::Set::kNoError: return 0;
            case RE2::Set::kOutOfMemory: return CRE2_OUT_OF_MEMORY;
            default: return CRE2_FAILED;
            }
        }
        for (size_t i = 0; i < found.size() && i < capacity; i++) ids[i] = found[i];
        return static_cast<int>(found.size());
    } catch (...) {
        return CRE2_FAILED;
    }
}

int cre2_set_match_each(const cre2_set *set, const char *text, size_t length, int32_t *ids, size_t capacity) {
    try {
        std::call_once(set->once, [set] { set->compile_singles(); });
        re2::StringPiece piece(text, length);
        size_t count = 0;
        for (size_t i = 0; i < set->singles.size(); i++) {
            const RE2 &single = *set->singles[i];
            if (!single.ok()) return CRE2_FAILED;
            if (!single.Match(piece, 0, length, RE2::UNANCHORED, nullptr, 0)) continue;
            if (count < capacity) ids[count] = static_cast<int32_t>(i);
            count++;
        }
        return static_cast<int>(count);
    } catch (...) {
        return CRE2_FAILED;
    }
}

cre2_pattern *cre2_pattern_new(
    const char *pattern, size_t length, int flags, int64_t max_memory, size_t *size, char *error,
    size_t error_capacity) {
    *size = 0;
    try {
        auto made = std::make_unique<cre2_pattern>(re2::StringPiece(pattern, length), options_for(flags, max_memory));
        const RE2 &expression = made->expression;
        if (expression.ok()) {
            *size = static_cast<size_t>(expression.ProgramSize());
            return made.release();
        }
        if (expression.error_code() == RE2::ErrorPatternTooLarge) *size = kTooLarge;
        report(expression.error(), error, error_capacity);
        return nullptr;
    } catch (...) {
        report("no memory", error, error_capacity);
        return nullptr;
    }
}

void cre2_pattern_delete(cre2_pattern *pattern) { delete pattern; }

int cre2_pattern_find(
    const cre2_pattern *pattern, const char *text, size_t length, size_t from, size_t *start, size_t *end) {
    try {
        re2::StringPiece whole(text, length);
        re2::StringPiece found;
        if (from > length || !pattern->expression.Match(whole, from, length, RE2::UNANCHORED, &found, 1)) return 0;
        *start = static_cast<size_t>(found.data() - text);
        *end = *start + found.size();
        return 1;
    } catch (...) {
        return CRE2_FAILED;
    }
}
