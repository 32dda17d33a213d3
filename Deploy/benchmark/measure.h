#pragma once

// What the programs of the other engines share: the files that rulebench wrote, and its way of timing and printing.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

struct Entry {
    int rule;
    std::string pattern;
};

[[noreturn]] inline void fail(const std::string &message) {
    std::fprintf(stderr, "%s\n", message.c_str());
    std::exit(1);
}

inline std::vector<std::string> lines(const std::string &path) {
    std::ifstream file(path);
    if (!file) fail("cannot read " + path);
    std::vector<std::string> all;
    for (std::string line; std::getline(file, line);) all.push_back(line);
    return all;
}

inline std::vector<Entry> entries(const std::string &path) {
    std::vector<Entry> all;
    for (const auto &line : lines(path)) {
        size_t tab = line.find('\t');
        if (tab == std::string::npos) fail("a line without a tab in " + path);
        all.push_back({std::atoi(line.c_str()), line.substr(tab + 1)});
    }
    return all;
}

struct Texts {
    const char *kind;
    std::vector<std::string> all;
};

inline std::vector<Texts> texts_of(const std::string &directory, const std::string &rules) {
    std::vector<Texts> both;
    for (const char *kind : {"familiar", "unfamiliar"})
        both.push_back({kind, lines(directory + "/" + kind + "-" + rules + ".txt")});
    return both;
}

// In milliseconds. Single messages are timed by the clock on the wall, which is quicker to read; all else by the
// processor's time, since the machine has other things to do, too.
inline double now(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

// The process's memory, in MiB.
inline double memory() {
    long pages = 0;
    std::ifstream("/proc/self/statm") >> pages >> pages;
    return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1048576;
}

// Rules named once each, as a decision does.
class Rules {
  public:
    explicit Rules(size_t count) : seen_(count, 0) {}
    void begin() { turn_++, hits_ = 0; }
    void add(int rule) {
        if (seen_[static_cast<size_t>(rule)] == turn_) return;
        seen_[static_cast<size_t>(rule)] = turn_;
        hits_++;
    }
    size_t hits() const { return hits_; }

  private:
    std::vector<uint32_t> seen_;
    uint32_t turn_ = 0;
    size_t hits_ = 0;
};

constexpr int kPasses = 7;

// `before`: the memory used by then; what an engine builds while it runs is counted.
template <typename Work>
void measure(
    const char *engine, const std::string &rules, const Texts &given, double compile, double before, Work work) {
    const std::vector<std::string> &texts = given.all;
    std::vector<double> times(texts.size());
    double first = 0, mean = 1e300, p50 = 0, p99 = 0;
    size_t hits = 0;
    for (int pass = 0; pass < kPasses; pass++) {
        hits = 0;
        double began = now(CLOCK_THREAD_CPUTIME_ID);
        for (size_t i = 0; i < texts.size(); i++) {
            double start = now(CLOCK_MONOTONIC);
            hits += work(texts[i]);
            times[i] = (now(CLOCK_MONOTONIC) - start) * 1000;
        }
        double own = (now(CLOCK_THREAD_CPUTIME_ID) - began) * 1000 / static_cast<double>(texts.size());
        if (pass == 0) {
            first = own;
        } else if (own < mean) {
            std::vector<double> sorted = times;
            std::sort(sorted.begin(), sorted.end());
            mean = own;
            p50 = sorted[sorted.size() / 2];
            p99 = sorted[sorted.size() * 99 / 100];
        }
    }
    std::printf(
        "%s\t%s\t%s\t%.2f\t%.2f\t%.2f\t%.2f\t%zu\t%.2f\t%.2f\n", engine, rules.c_str(), given.kind, first, mean, p50, p99, hits,
        compile, memory() - before);
    std::fflush(stdout);
}
