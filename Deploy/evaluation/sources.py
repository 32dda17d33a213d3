"""Each source of real messages, read and measured."""

import collections
import csv
import gzip
import json

from city import folded
from measure import Section, Table, Tally, percent


def area_of(record):
    category = record["decision"]["category"]
    return category and category.split(".")[0]


def sus(data, _, rome, __):
    """Rome's reporting system, January to May 2020: no free text, so the topic's name stands for it."""
    rows = []
    for path in sorted((data / "roma-sus-2020").glob("0*.csv.gz")):
        with gzip.open(path, "rt", encoding="latin-1", newline="") as file:
            lines = csv.reader(file, delimiter=";")
            next(lines)
            rows += [row for row in lines if len(row) >= 15]
    if not rows:
        return []
    sections = []
    for title, text in (
        ("Rome's reports, the topic's name as their text", lambda name: name.lower()),
        ("Rome's reports, without the name's prefix", lambda name: name.split(" - ", 1)[-1].lower()),
    ):
        section = Section(title, "roma-sus-2020: area, first office and urgency as the city recorded them.")
        key = lambda row: (text(row[8].strip()), row[14].strip())
        decided = rome.decide_each(map(key, rows), lambda k: {"text": k[0], "fields": {"municipio": k[1]}})
        tally, urgent, exact, family, placed = Tally(), collections.Counter(), *({}, {}), collections.Counter()
        for row in rows:
            record = decided[key(row)]
            decision = record["decision"]
            expected = rome.area_codes.get(row[5])
            if expected:  # a few rows name no area
                tally.add(expected, area_of(record))
            urgent[row[13] == "SI", decision["priority"] == "urgent"] += 1
            office = rome.offices.get(folded(row[0]))
            month = row[2][3:5]
            for months in (month, "all"):
                exact.setdefault(months, []).append(office == decision["office"])
                family.setdefault(months, []).append(
                    rome.family.get(office, "?") == rome.family.get(decision["office"]))
            placed[row[14].strip().isdigit(), decision["place"]] += 1
        section.tables += tally.tables("Area", rome.area_names)
        section.tables.append(Table(
            "First office", ("month", "messages", "exact %", "family %"),
            [(month, len(exact[month]), percent(sum(exact[month]), len(exact[month])),
              percent(sum(family[month]), len(family[month]))) for month in sorted(exact)]))
        section.tables.append(Table(
            "Urgency", ("marked by the city", "decided urgent", "not"),
            [(name, urgent[marked, True], urgent[marked, False]) for name, marked in (("yes", True), ("no", False))]))
        section.tables.append(Table(
            "Place", ("municipio in the data", "certain", "unknown"),
            [(name, placed[known, "certain"], placed[known, "unknown"]) for name, known in
             (("given", True), ("not given", False))]))
        section.figures = {
            "area": tally.share(tally.right), "office": share(exact["all"]), "family": share(family["all"]),
            "urgent missed": urgent[True, False], "urgent by mistake": urgent[False, True],
        }
        sections.append(section)
    return sections


def questions(data, _, __, fidenza):
    """Questions to Piedmont's towns."""
    path = data / "citizen-text/csi-unlockpa/faq.csv"
    if not path.exists():
        return []
    areas = {
        "uffici comunali": "uffici", "cultura e servizi": "cultura", "ambiente": "ambiente", "tributi": "tributi",
        "mobilità": "mobilita", "sport": "sport", "scuola": "scuola", "bonus": "bonus",
        "segnalazioni": "segnalazioni", "volontariato": "volontariato",
    }
    with open(path, newline="") as file:
        rows = [(row["question_type"], row["question"]) for row in csv.DictReader(file)]
    records = fidenza.decide([{"text": question} for _, question in rows])
    section = Section("Questions to a town", "csi-unlockpa: the kind of question that its collectors named.")
    tally, others = Tally(), collections.Counter()
    for (kind, _), record in zip(rows, records):
        if kind in areas:
            tally.add(areas[kind], area_of(record))
        elif kind:
            others[kind, area_of(record) is None] += 1
    section.tables += tally.tables("Area", fidenza.area_names)
    section.tables.append(Table(
        "Not the town's business", ("kind", "left to a person", "filed"),
        [(name, others[kind, True], others[kind, False]) for kind, name in
         (("gov", "the state's pandemic rules"), ("salute", "the health service"))]))
    section.figures = {"area": tally.share(tally.right), "undecided": tally.share(tally.undecided)}
    return [section]


def emergencies(data, _, rome, fidenza):
    """Forms and posts of two emergencies: news, offers, appeals. None is a report to a city."""
    messages, kinds = [], []
    for name in ("terremotocentro-2016-17", "emergenzehack-covid19italia-2020"):
        path = data / f"citizen-text/{name}.jsonl.gz"
        if not path.exists():
            continue
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                fields = row.get("fields") or {}
                text = row.get("description") or row.get("what") or " ".join(
                    str(value) for key, value in fields.items() if key.lower() in ("descrizione", "scopo", "testo"))
                messages.append({"subject": row["title"][:200], "text": text.strip() or row["title"] or "-"})
                labels = row.get("category") or [
                    label for label in row["labels"] if label not in ("Bollettino", "accettato", "form")]
                kinds.append(labels[0] if labels else "?")
    if not messages:
        return []
    section = Section(
        "News, offers and appeals", "Two emergencies: what is no report to a city is to be left to a person.")
    for name, city in (("Rome", rome), ("Fidenza", fidenza)):
        filed, left = collections.Counter(), collections.Counter()
        for kind, record in zip(kinds, city.decide(messages)):
            (left if area_of(record) is None else filed)[kind] += 1
        common = [kind for kind, _ in (filed + left).most_common(12)]
        rows = [(kind, left[kind], filed[kind], percent(left[kind], left[kind] + filed[kind])) for kind in common]
        total = len(messages)
        rows.append(("all", sum(left.values()), sum(filed.values()), percent(sum(left.values()), total)))
        section.tables.append(Table(
            name, ("kind", "left to a person", "filed", "left %"), rows, parts=("left to a person", "filed")))
        section.figures[f"filed, {name}"] = sum(filed.values()) / total
    return [section]


def reports(_, written, rome, __):
    """Free text written for the project, for topics drawn by their real frequency."""
    sections = []
    for path in sorted(written.glob("roma-*.jsonl")):
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        records = rome.decide([{"text": row["text"], "fields": row.get("fields", {})} for row in rows])
        section = Section(f"Free text: {path.stem}", "Reports in several registers, written anew for the project.")
        tally, topic, urgent, abstained = Tally(), 0, collections.Counter(), collections.Counter()
        for row, record in zip(rows, records):
            decision = record["decision"]
            if "expect" not in row:
                abstained[decision["category"] is None] += 1
                continue
            expected = row["expect"]
            tally.add(rome.area_codes[expected["area"]], area_of(record))
            topic += rome.external.get(decision["category"], ("", ""))[1] == expected["topic"]
            urgent[expected["urgent"], decision["priority"] == "urgent"] += 1
        if abstained:
            section.tables.append(Table(
                "What is no report", ("messages", "left to a person", "filed"),
                [(sum(abstained.values()), abstained[True], abstained[False])]))
            section.figures["filed"] = abstained[False] / sum(abstained.values())
        else:
            section.tables += tally.tables("Area", rome.area_names)
            section.tables.append(Table(
                "Topic and urgency", ("messages", "topic %", "urgent found", "urgent missed", "urgent by mistake"),
                [(len(rows), percent(topic, len(rows)), urgent[True, True], urgent[True, False],
                  urgent[False, True])]))
            section.figures = {
                "area": tally.share(tally.right), "topic": topic / len(rows), "urgent missed": urgent[True, False]}
        sections.append(section)
    return sections


def share(values):
    return sum(values) / len(values)

