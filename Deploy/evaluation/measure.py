"""What is counted, and how it becomes tables."""

import collections


class Section:
    """One source, its tables and its figures."""

    def __init__(self, title, about):
        self.title, self.about, self.tables, self.figures = title, about, [], {}


class Table:
    """Rows of a name and numbers. `parts` names the columns that are parts of a whole, to be drawn as bars."""

    def __init__(self, title, columns, rows, parts=()):
        self.title, self.columns, self.rows, self.parts = title, columns, rows, parts


class Tally:
    """Right, wrong and undecided, by the area expected."""

    def __init__(self):
        self.right, self.wrong, self.undecided = (collections.Counter() for _ in range(3))
        self.pairs = collections.Counter()

    def add(self, expected, found, weight=1):
        if found is None:
            self.undecided[expected] += weight
        elif found == expected:
            self.right[expected] += weight
        else:
            self.wrong[expected] += weight
            self.pairs[expected, found] += weight

    @property
    def total(self):
        return sum(map(sum, (self.right.values(), self.wrong.values(), self.undecided.values())))

    def share(self, counter):
        return sum(counter.values()) / self.total if self.total else 0.0

    def tables(self, title, names):
        areas = set(self.right) | set(self.wrong) | set(self.undecided)
        whole = lambda area: self.right[area] + self.wrong[area] + self.undecided[area]
        rows = [
            (names.get(area, area), whole(area), self.right[area], self.wrong[area], self.undecided[area],
             percent(self.right[area], whole(area)))
            for area in sorted(areas, key=lambda area: -whole(area))]
        rows.append(
            ("all", self.total, sum(self.right.values()), sum(self.wrong.values()), sum(self.undecided.values()),
             percent(sum(self.right.values()), self.total)))
        columns = ("area", "messages", "right", "wrong", "undecided", "right %")
        yield Table(title, columns, rows, parts=("right", "wrong", "undecided"))
        if self.pairs:
            worst = [
                (f"{names.get(a, a)} → {names.get(b, b)}", count) for (a, b), count in self.pairs.most_common(10)]
            yield Table(f"{title}: the worst confusions", ("expected → found", "messages"), worst)


def percent(part, whole):
    return f"{100 * part / whole:.1f}" if whole else "-"
