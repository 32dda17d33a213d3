"""Classifies what citizens and offices really did with the shipped cities, and says how often that was right.

Called by Deploy/evaluate. Figures go to a text and to an HTML page; with --check the exit status is 1 if one of them
lies below its floor.
"""

import argparse
import pathlib
import sys

import floors
import page
import sources
import text
from city import City


def main():
    options = argparse.ArgumentParser(prog="Deploy/evaluate", description=__doc__.split("\n\n")[0])
    options.add_argument("--binary", required=True, help=argparse.SUPPRESS)
    options.add_argument("--config", default="Config", help="where the cities are")
    options.add_argument("--data", default="../shared/data", help="where the data are")
    options.add_argument("--reports", default="Deploy/evaluation/reports", help="reports written for the project")
    options.add_argument("--out", default=".build/evaluation", help="where the report goes")
    options.add_argument("--check", action="store_true", help="fail if a figure lies below its floor")
    given = options.parse_args()

    config, data = pathlib.Path(given.config), pathlib.Path(given.data)
    rome, fidenza = (City(given.binary, config / name) for name in ("roma", "fidenza"))
    sections = []
    for read in (sources.sus, sources.questions, sources.emergencies, sources.reports):
        found = read(data, pathlib.Path(given.reports), rome, fidenza)
        if not found:
            print(f"left out, for there are no data: {read.__doc__}", file=sys.stderr)
        sections += found
    if not sections:
        print(f"nothing to evaluate: there are no data in {data} and no reports in {given.reports}")
        return 0

    out = pathlib.Path(given.out)
    out.mkdir(parents=True, exist_ok=True)
    report = text.render(sections)
    (out / "report.txt").write_text(report)
    (out / "report.html").write_text(page.render(sections))
    print(report)
    print(f"the same with plots: {out / 'report.html'}")
    if not given.check:
        return 0
    below = list(floors.below(sections))
    for line in below:
        print(f"below its floor: {line}", file=sys.stderr)
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
