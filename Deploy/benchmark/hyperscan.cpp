// Hyperscan on the texts as they came: literals, or expressions.
// Usage: hyperscan DIR RULES literals|expressions

#include "measure.h"

#include <hs/hs.h>

namespace {

struct Context {
    const std::vector<Entry> *entries;
    Rules *named;
};

int found(unsigned id, unsigned long long, unsigned long long, unsigned, void *given) {
    auto *context = static_cast<Context *>(given);
    context->named->add((*context->entries)[id].rule);
    return 0;
}

}  // namespace

int main(int count, char **arguments) {
    if (count != 4) fail("usage: hyperscan DIR RULES literals|expressions");
    const std::string directory = arguments[1], rules = arguments[2], what = arguments[3];
    const bool literal = what == "literals";
    auto all = entries(directory + "/" + what + "-" + rules + ".txt");
    std::vector<const char *> patterns;
    std::vector<size_t> lengths;
    std::vector<unsigned> flags, ids;
    for (size_t i = 0; i < all.size(); i++) {
        patterns.push_back(all[i].pattern.c_str());
        lengths.push_back(all[i].pattern.size());
        flags.push_back(HS_FLAG_CASELESS | HS_FLAG_SINGLEMATCH);
        ids.push_back(static_cast<unsigned>(i));
    }

    const auto both = texts_of(directory, rules);
    double before = memory();
    double start = now(CLOCK_PROCESS_CPUTIME_ID);
    hs_database_t *database = nullptr;
    hs_compile_error_t *error = nullptr;
    auto number = static_cast<unsigned>(all.size());
    auto result = literal ? hs_compile_lit_multi(
                                patterns.data(), flags.data(), ids.data(), lengths.data(), number, HS_MODE_BLOCK, nullptr,
                                &database, &error)
                          : hs_compile_multi(
                                patterns.data(), flags.data(), ids.data(), number, HS_MODE_BLOCK, nullptr, &database,
                                &error);
    if (result != HS_SUCCESS) fail(std::string("Hyperscan: ") + error->message);
    hs_scratch_t *scratch = nullptr;
    if (hs_alloc_scratch(database, &scratch) != HS_SUCCESS) fail("Hyperscan: no memory");
    double compile = now(CLOCK_PROCESS_CPUTIME_ID) - start;

    Rules named(static_cast<size_t>(all.back().rule) + 1);
    Context context{&all, &named};
    for (const auto &texts : both) {
        const char *name = literal ? "Hyperscan, literals" : "Hyperscan, words";
        measure(name, rules, texts, compile, before, [&](const std::string &text) {
            named.begin();
            auto length = static_cast<unsigned>(text.size());
            if (hs_scan(database, text.data(), length, 0, scratch, found, &context) != HS_SUCCESS) fail("hs_scan failed");
            return named.hits();
        });
    }
    hs_free_scratch(scratch);
    hs_free_database(database);
}
