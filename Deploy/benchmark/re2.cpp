// A bare RE2::Set on the texts as they came: no folding but case, no rules but who has the pattern.
// Usage: re2 DIR RULES

#include "measure.h"

#include <re2/set.h>

int main(int count, char **arguments) {
    if (count != 3) fail("usage: re2 DIR RULES");
    const std::string directory = arguments[1], rules = arguments[2];
    auto all = entries(directory + "/expressions-" + rules + ".txt");

    const auto both = texts_of(directory, rules);
    double before = memory();
    double start = now(CLOCK_PROCESS_CPUTIME_ID);
    RE2::Options options;
    options.set_case_sensitive(false);
    options.set_max_mem(256 << 20);
    RE2::Set set(options, RE2::UNANCHORED);
    for (const auto &entry : all) {
        std::string error;
        if (set.Add(entry.pattern, &error) < 0) fail(entry.pattern + ": " + error);
    }
    if (!set.Compile()) fail("RE2::Set has not enough memory");
    double compile = now(CLOCK_PROCESS_CPUTIME_ID) - start;

    Rules named(static_cast<size_t>(all.back().rule) + 1);
    std::vector<int> found;
    size_t failed = 0;
    for (const auto &texts : both) {
        measure("RE2::Set", rules, texts, compile, before, [&](const std::string &text) {
            RE2::Set::ErrorInfo error;
            if (!set.Match(text, &found, &error) && error.kind != RE2::Set::kNoError) failed++;
            named.begin();
            for (int id : found) named.add(all[static_cast<size_t>(id)].rule);
            return named.hits();
        });
    }
    if (failed > 0) std::fprintf(stderr, "RE2::Set gave up on %zu texts\n", failed);
}
