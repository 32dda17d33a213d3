#include "CRE2.h"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <vector>

namespace {

// Enough for one pattern; RE2 falls back to its NFA, which needs none, where the DFA does not fit.
constexpr int64_t kSingleMemory = 1 << 20;

// For the states of one of thousands of short patterns.
constexpr int64_t kListedMemory = 1 << 16;

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

int occurs(const RE2 &expression, const char *text, size_t length) {
    return expression.Match(re2::StringPiece(text, length), 0, length, RE2::UNANCHORED, nullptr, 0) ? 1 : 0;
}

}  // namespace

struct cre2_list {
    struct Entry {
        std::string pattern;
        mutable std::once_flag once;
        mutable std::unique_ptr<RE2> expression;
        explicit Entry(std::string p) : pattern(std::move(p)) {}
    };
    int flags;
    // Entries never move: threads hold on to them.
    std::deque<Entry> entries;
    explicit cre2_list(int f) : flags(f) {}
};

// One letter occurs in nearly every text.
constexpr int kShortestLiteral = 2;
struct cre2_filter {
    int flags;
    int64_t max_memory;
    int count = 0;
    re2::FilteredRE2 expressions{kShortestLiteral};
    std::vector<std::string> literals;

    cre2_filter(int f, int64_t m) : flags(f), max_memory(m) {}
};

struct cre2_pattern {
    RE2 expression;
    cre2_pattern(const re2::StringPiece &text, const RE2::Options &options) : expression(text, options) {}
};

cre2_list *cre2_list_new(int flags) {
    try {
        return new cre2_list(flags);
    } catch (...) {
        return nullptr;
    }
}

void cre2_list_delete(cre2_list *list) { delete list; }

int cre2_list_add(cre2_list *list, const char *pattern, size_t length) {
    try {
        list->entries.emplace_back(std::string(pattern, length));
        return static_cast<int>(list->entries.size()) - 1;
    } catch (...) {
        return CRE2_FAILED;
    }
}

int cre2_list_test(const cre2_list *list, int id, const char *text, size_t length) {
    try {
        const auto &entry = list->entries.at(static_cast<size_t>(id));
        std::call_once(entry.once, [&] {
            entry.expression = std::make_unique<RE2>(entry.pattern, options_for(list->flags, kListedMemory));
            if (!entry.expression->ok())
                entry.expression = std::make_unique<RE2>(entry.pattern, options_for(list->flags, kSingleMemory));
        });
        if (!entry.expression->ok()) return CRE2_FAILED;
        return occurs(*entry.expression, text, length);
    } catch (...) {
        return CRE2_FAILED;
    }
}

cre2_filter *cre2_filter_new(int flags, int64_t max_memory) {
    try {
        return new cre2_filter(flags, max_memory);
    } catch (...) {
        return nullptr;
    }
}

void cre2_filter_delete(cre2_filter *filter) { delete filter; }

int cre2_filter_add(cre2_filter *filter, const char *pattern, size_t length) {
    try {
        re2::StringPiece piece(pattern, length);
        int id = -1;
        auto code = filter->expressions.Add(piece, options_for(filter->flags, filter->max_memory), &id);
        if (code == RE2::ErrorPatternTooLarge)
            code = filter->expressions.Add(piece, options_for(filter->flags, kSingleMemory), &id);
        if (code != RE2::NoError) return CRE2_INVALID;
        filter->count++;
        return id;
    } catch (...) {
        return CRE2_FAILED;
    }
}

int cre2_filter_compile(cre2_filter *filter) {
    try {
        if (filter->count > 0) filter->expressions.Compile(&filter->literals);
        return 0;
    } catch (...) {
        return CRE2_FAILED;
    }
}

int cre2_filter_literal_count(const cre2_filter *filter) { return static_cast<int>(filter->literals.size()); }

const char *cre2_filter_literal(const cre2_filter *filter, int number, size_t *length) {
    const std::string &literal = filter->literals[static_cast<size_t>(number)];
    *length = literal.size();
    return literal.data();
}

int cre2_filter_possible(
    const cre2_filter *filter, const int32_t *literals, size_t count, int32_t *ids, size_t capacity) {
    if (filter->count == 0) return 0;
    try {
        // Kept by the thread, so that a search allocates little.
        static thread_local std::vector<int> atoms;
        static thread_local std::vector<int> found;
        atoms.assign(literals, literals + count);
        found.clear();
        filter->expressions.AllPotentials(atoms, &found);
        for (size_t i = 0; i < found.size() && i < capacity; i++) ids[i] = found[i];
        return static_cast<int>(found.size());
    } catch (...) {
        return CRE2_FAILED;
    }
}

int cre2_filter_test(const cre2_filter *filter, int id, const char *text, size_t length) {
    try {
        return occurs(filter->expressions.GetRE2(id), text, length);
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
