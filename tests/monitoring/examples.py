"""examples/monitoring asks for nothing that `causeway metrics` does not print: its metrics, and the labels that they have, are those
of tests/unit/control/golden/metrics.prom. Each run first shows that it finds slips. Whether the alerts are YAML, and what promtool says,
are tests of their own, as each needs something that may not be here.

examples.py ROOT [yaml | promtool FOLDER]
"""

import glob
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import unittest
from collections.abc import Iterator
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lab"))

import debian_package  # noqa: E402

ROOT = "."
METRIC = re.compile(r"\b(?:causeway|node)_[a-z0-9_]+")
# Of Prometheus itself, and of node_exporter's textfile collector.
OF_SCRAPE = {"instance", "job"}
OF_OTHERS = {"node_textfile_mtime_seconds": {"file"}}
# Grafana's variables for a label's values.
VARIABLES = re.compile(r"\$(?:instance|connection|__rate_interval)\b")


def read(*parts: str) -> str:
    with open(os.path.join(ROOT, *parts), encoding="utf-8") as file:
        return file.read()


def printed() -> tuple[dict[str, set[str]], dict[str, str]]:
    """The labels, and the type, of each metric."""
    labels: dict[str, set[str]] = {}
    types: dict[str, str] = {}
    for line in read("tests", "unit", "control", "golden", "metrics.prom").splitlines():
        if line.startswith("# TYPE "):
            _, _, name, types[name] = line.split(" ")
            labels[name] = set()
        elif not line.startswith("#"):
            name = re.split(r"[{ ]", line, maxsplit=1)[0]
            labels[name] |= set(re.findall(r'([a-z_]+)="', line))
    return labels, types


def names_in(expression: str) -> tuple[set[str], set[str]]:
    """Metrics and labels that are named, without what stands in quotation marks."""
    plain = re.sub(r'"[^"]*"', '""', VARIABLES.sub("", expression))
    labels = {label for inside in re.findall(r"\{([^{}]*)\}", plain) for label in re.findall(r"([a-z_]+)\s*[=!]", inside)}
    for listed in re.findall(r"\b(?:by|on|without|ignoring)\s*\(([^()]*)\)", plain):
        labels |= {label.strip() for label in listed.split(",")}
    return set(METRIC.findall(re.sub(r"\{[^{}]*\}", "", plain))), labels


def faults(expression: str, shown: set[str], known: dict[str, set[str]], types: dict[str, str]) -> Iterator[str]:
    """What is wrong with an expression, and with the labels that a text beside it shows."""
    metrics, labels = names_in(expression)
    if not metrics:
        yield "names no metric"
    possible = set(OF_SCRAPE)
    for metric in sorted(metrics):
        if metric not in known and metric not in OF_OTHERS:
            yield f"{metric} is not printed"
        possible |= known.get(metric, set()) | OF_OTHERS.get(metric, set())
        counted = re.search(rf"(?:rate|increase)\(\s*{metric}\b", expression) is not None
        if metric in types and counted != (types[metric] == "counter"):
            yield f"{metric} is a {types[metric]}"
    for label in sorted((labels | shown) - possible):
        yield f"no {label} here"
    for before, behind in ("()", "{}", "[]"):
        if expression.count(before) != expression.count(behind):
            yield f"a {before} or {behind} too many"


def alerts(text: str) -> Iterator[tuple[str, str, set[str]]]:
    """Name, expression and shown labels of each alert: the form is a line for each, as all of ours are."""
    for part in re.split(r"^ *- alert: ", text, flags=re.MULTILINE)[1:]:
        (expression,) = re.findall(r"^ *expr: (.*)$", part, flags=re.MULTILINE)
        yield part.split("\n", 1)[0], expression, set(re.findall(r"\$labels\.([a-z_]+)", part))


def targets(panel: dict[str, Any]) -> Iterator[tuple[str, str, set[str]]]:
    for target in panel["targets"]:
        yield panel["title"], target["expr"], set(re.findall(r"\{\{\s*([a-z_]+)\s*\}\}", target["legendFormat"]))


class Examples(unittest.TestCase):
    def setUp(self) -> None:
        self.known, self.types = printed()
        self.assertGreater(len(self.known), 20)

    def found(self, expression: str, *shown: str) -> list[str]:
        return list(faults(expression, set(shown), self.known, self.types))

    def test_slips_are_found(self) -> None:
        self.assertEqual(self.found('causeway_up{instance=~"$instance"} == 0', "instance"), [])
        self.assertEqual(self.found("causeway_upp == 0"), ["causeway_upp is not printed"])
        self.assertEqual(self.found("sum by (peer) (causeway_up)"), ["no peer here"])
        self.assertEqual(self.found('causeway_connection_up{leyer="tunnel"}'), ["no leyer here"])
        self.assertEqual(self.found("causeway_connection_up", "code"), ["no code here"])
        self.assertEqual(self.found("causeway_connection_renewals_total > 3"), ["causeway_connection_renewals_total is a counter"])
        self.assertEqual(self.found("rate(causeway_half_open_ike_sas[5m])"), ["causeway_half_open_ike_sas is a gauge"])
        self.assertEqual(self.found("(causeway_up"), ["a ( or ) too many"])
        self.assertEqual(self.found("1 == 1"), ["names no metric"])

    def test_every_alert_is_possible(self) -> None:
        text = read("examples", "monitoring", "alerts.yml")
        all_of_them = list(alerts(text))
        self.assertEqual(len(all_of_them), text.count("expr:"))
        self.assertGreaterEqual(len(all_of_them), 6)
        self.assertEqual(len({name for name, _, _ in all_of_them}), len(all_of_them))
        for name, expression, shown in all_of_them:
            self.assertEqual(self.found(expression, *shown), [], name)

    def test_the_alerts_name_codes_that_there_are(self) -> None:
        codes: set[str] = set()
        for place in glob.glob(os.path.join(ROOT, "src", "base", "findings", "codes*.def")):
            codes |= {name.replace("_", "-") for name in re.findall(r"^CAUSEWAY_CODE\((\w+),", read(os.path.relpath(place, ROOT)), flags=re.MULTILINE)}
        self.assertIn("no-answer", codes)
        patterns = re.findall(r'code=~"([^"]*)"', read("examples", "monitoring", "alerts.yml"))
        self.assertEqual(len(patterns), 1)
        # Behind the words a group of beginnings.
        words, beginnings = re.fullmatch(r"([a-z0-9|-]*)\|\(([a-z0-9|]*)\)-\.\*", patterns[0]).groups()  # type: ignore[union-attr]
        for word in words.split("|"):
            self.assertIn(word, codes)
        for beginning in beginnings.split("|"):
            self.assertTrue(any(code.startswith(beginning + "-") for code in codes), beginning)
        for code in ("peer-name-unresolved", "no-route-to-peer", "taken-down", "own-address-changed"):
            self.assertIn(code, codes)
            self.assertIsNone(re.fullmatch(patterns[0], code), code)

    def test_every_panel_is_possible(self) -> None:
        dashboard = json.loads(read("examples", "monitoring", "grafana-dashboard.json"))
        ids = [panel["id"] for panel in dashboard["panels"]]
        self.assertEqual(len(ids), len(set(ids)))
        drawn: set[str] = set()
        for panel in dashboard["panels"]:
            for title, expression, shown in targets(panel):
                self.assertEqual(self.found(expression, *shown), [], title)
                drawn |= names_in(expression)[0]
        self.assertEqual(set(self.known) - drawn, set(), "no panel has these")
        for variable in dashboard["templating"]["list"]:
            if variable["type"] == "query":
                match = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["query"]["query"])
                assert match is not None, variable
                self.assertIn(match[2], self.known[match[1]] | OF_SCRAPE, variable)


class Yaml(unittest.TestCase):
    def test_the_alerts_are_yaml(self) -> None:
        import yaml  # noqa: PLC0415
        (group,) = yaml.safe_load(read("examples", "monitoring", "alerts.yml"))["groups"]
        for rule in group["rules"]:
            self.assertLessEqual(set(rule), {"alert", "expr", "for", "labels", "annotations"})
            self.assertIn(rule["labels"]["severity"], ("critical", "warning"))
            self.assertEqual(set(rule["annotations"]), {"summary", "description"})


class Promtool(unittest.TestCase):
    program = ""

    def judged(self, *words: str, text: str = "") -> tuple[int, str]:
        done = subprocess.run([self.program, "check", *words], input=text, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def test_the_alerts(self) -> None:
        status, said = self.judged("rules", os.path.join(ROOT, "examples", "monitoring", "alerts.yml"))
        self.assertEqual(status, 0, said)

    def test_the_metrics(self) -> None:
        metrics = read("tests", "unit", "control", "golden", "metrics.prom")
        self.assertEqual(self.judged("metrics", text=metrics), (0, ""))
        self.assertNotEqual(self.judged("metrics", text=metrics.replace("# HELP causeway_up ", "# nothing "))[0], 0)


def unpacked(folder: str) -> str:
    """promtool, which has a package of its own since Debian 13."""
    path = "usr/bin/promtool"
    try:
        return os.path.join(debian_package.unpack(os.path.join(folder, "own"), "promtool", path), path)
    except debian_package.NotAvailable:
        return os.path.join(debian_package.unpack(folder, "prometheus", path), path)


def tests_of(part: str, words: list[str]) -> type[unittest.TestCase]:
    """debian_package.NotAvailable says what is missing."""
    if part == "yaml":
        if importlib.util.find_spec("yaml") is None:
            raise debian_package.NotAvailable("no python3-yaml is installed: tools/install test")
        return Yaml
    if part == "promtool":
        Promtool.program = shutil.which("promtool") or unpacked(os.path.abspath(words[0]))
        return Promtool
    return Examples


def main() -> int:
    global ROOT  # pylint: disable=global-statement
    ROOT, part, *words = [*sys.argv[1:], ""] if len(sys.argv) == 2 else sys.argv[1:]
    try:
        tests = tests_of(part, words)
    except debian_package.NotAvailable as reason:
        print(f"skipped: {reason}")
        return 77
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(tests)
    return 0 if unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
