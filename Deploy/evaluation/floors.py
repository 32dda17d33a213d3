"""What a change to the rules must not fall below, on the data at hand. Raise a floor when the rules have risen."""

AT_LEAST = {
    "Rome's reports, the topic's name as their text": {"area": 0.99, "office": 0.75, "family": 0.83},
    "Rome's reports, without the name's prefix": {"area": 0.955, "office": 0.73, "family": 0.81},
    "Questions to a town": {"area": 0.90},
    "Free text: roma-held-back": {"area": 0.87, "topic": 0.83},
    "Free text: roma-urgent-held-back": {"area": 0.87, "topic": 0.86},
}
AT_MOST = {
    "Rome's reports, the topic's name as their text": {"urgent missed": 0, "urgent by mistake": 0},
    "Rome's reports, without the name's prefix": {"urgent missed": 0, "urgent by mistake": 0},
    "Questions to a town": {"undecided": 0.08},
    "News, offers and appeals": {"filed, Rome": 0.04, "filed, Fidenza": 0.10},
    "Free text: roma-held-back": {"urgent missed": 0},
    "Free text: roma-urgent-held-back": {"urgent missed": 5},
    "Free text: roma-no-reports-held-back": {"filed": 0.06},
}


def below(sections):
    for section in sections:
        for bounds, fails, word in ((AT_LEAST, float.__lt__, "at least"), (AT_MOST, float.__gt__, "at most")):
            for name, bound in bounds.get(section.title, {}).items():
                if fails(float(section.figures[name]), float(bound)):
                    yield f"{section.title}: {name} is {section.figures[name]:.4g}, {word} {bound} is expected"
