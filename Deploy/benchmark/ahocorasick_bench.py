"""pyahocorasick on the texts in lower case: literals only. Usage: ahocorasick_bench.py DIR RULES"""

import resource
import sys
import time

import ahocorasick

PASSES = 7


def lines(path):
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines()


def memory():
    """The process's memory, in MiB."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20


def measure(automaton, texts):
    """First pass; mean, p50 and p99 of the fastest other pass, in microseconds a message; hits."""
    first, best = 0.0, None
    for number in range(PASSES):
        times, hits = [], 0
        began = time.thread_time_ns()
        for text in texts:
            start = time.perf_counter_ns()
            named = set()
            for _, rules in automaton.iter(text.lower()):
                named.update(rules)
            hits += len(named)
            times.append(time.perf_counter_ns() - start)
        mean = (time.thread_time_ns() - began) / len(times) / 1000
        if number == 0:
            first = mean
        elif best is None or mean < best[0]:
            times.sort()
            best = (mean, times[len(times) // 2] / 1000, times[len(times) * 99 // 100] / 1000)
    return first, *best, hits


def main():
    directory, rules = sys.argv[1:]
    entries = {}
    for line in lines(f"{directory}/literals-{rules}.txt"):
        rule, literal = line.split("\t")
        entries.setdefault(literal, []).append(int(rule))
    before, start = memory(), time.process_time()
    automaton = ahocorasick.Automaton()
    for literal, numbers in entries.items():
        automaton.add_word(literal, tuple(numbers))
    automaton.make_automaton()
    compiled, size = (time.process_time() - start) * 1000, memory() - before
    for kind in ("familiar", "unfamiliar"):
        first, mean, p50, p99, hits = measure(automaton, lines(f"{directory}/{kind}-{rules}.txt"))
        times = "\t".join(f"{value:.2f}" for value in (first, mean, p50, p99))
        print(f"pyahocorasick\t{rules}\t{kind}\t{times}\t{hits}\t{compiled:.2f}\t{size:.2f}", flush=True)


main()
