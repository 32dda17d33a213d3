"""A city's catalogue and offices, and what the program decides with them."""

import collections
import json
import re
import subprocess
import tempfile
import unicodedata

import yaml


def folded(name):
    """An office's name without accents, apostrophes, spaces and case: sources spell the same name in many ways."""
    plain = unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", plain.lower())


class City:
    def __init__(self, binary, directory):
        self.binary, self.directory = binary, directory
        catalogue = yaml.safe_load((directory / "categories.yaml").read_text())["areas"]
        self.area_names, self.external = {}, {}
        for area in catalogue:
            self.area_names[area["code"]] = _italian(area["name"])
            for topic in area["topics"]:
                numbers = topic.get("external", {})
                code = f"{area['code']}.{topic['code']}"
                self.external[code] = (str(numbers.get("area", "")), str(numbers.get("topic", "")))
        self.area_codes = {
            self.external[f"{a['code']}.{t['code']}"][0]: a["code"] for a in catalogue for t in a["topics"]}
        self.offices, self.family = {}, {}
        for office in yaml.safe_load((directory / "offices.yaml").read_text())["offices"]:
            self.family[office["code"]] = office.get("family", office["code"])
            names = list(office["name"].values()) if isinstance(office["name"], dict) else [office["name"]]
            names += [a if isinstance(a, str) else a["name"] for a in office.get("aliases", [])]
            for name in names:
                self.offices[folded(name)] = office["code"]

    def decide(self, messages):
        """The record of each message's decision, in their order."""
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
            for number, message in enumerate(messages):
                file.write(json.dumps({"id": str(number), **message}, ensure_ascii=False) + "\n")
            file.flush()
            answer = subprocess.run(
                [self.binary, "explain", "--config", str(self.directory), "--input", file.name, "--json"],
                stdout=subprocess.PIPE, check=True, text=True)
        records = [json.loads(line) for line in answer.stdout.splitlines()]
        if len(records) != len(messages):
            raise SystemExit(f"{len(messages)} messages, but {len(records)} decisions")
        return records

    def decide_each(self, keys, message):
        """The record by key; each different key is decided once."""
        different = list(collections.OrderedDict.fromkeys(keys))
        return dict(zip(different, self.decide([message(key) for key in different])))


def _italian(name):
    return name["it"] if isinstance(name, dict) else name
