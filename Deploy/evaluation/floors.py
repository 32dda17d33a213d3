"""What a change to the rules must not fall below, on the data at hand. Raise a floor when the rules have risen."""

AT_LEAST = {
    "Rome's reports, the topic's name as their text": {"area": 0.99, "office": 0.74, "family": 0.82},
    "Rome's reports, without the name's prefix": {"area": 0.95, "office": 0.72, "family": 0.80},
    "Questions to a town": {"area": 0.80},
}
AT_MOST = {
    "Rome's reports, the topic's name as their text": {"urgent missed": 0, "urgent by mistake": 0},
    "Rome's reports, without the name's prefix": {"urgent missed": 0, "urgent by mistake": 0},
    "Questions to a town": {"undecided": 0.10},
    "News, offers and appeals": {"filed, Rome": 0.03, "filed, Fidenza": 0.10},
}


def below(sections):
    for section in sections:
        for bounds, fails, word in ((AT_LEAST, float.__lt__, "at least"), (AT_MOST, float.__gt__, "at most")):
            for name, bound in bounds.get(section.title, {}).items():
                if fails(float(section.figures[name]), float(bound)):
                    yield f"{section.title}: {name} is {section.figures[name]:.4g}, {word} {bound} is expected"
