"""What a run found, for people at a terminal and for programs (JSON, JUnit XML). `_page` shows it in a browser.

The values in a report are those of the cases. They are shown in printable ASCII: all else is escaped, so that it can
neither be mistaken for a look-alike, nor steer a terminal, nor break a file.
"""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final, NamedTuple
from xml.etree import ElementTree as ET

from .._table import RULES
from ._candidates import Case
from ._cases import Profile
from ._diagnosis import Choice, Diagnosis, Finding, Observation
from ._variations import described, row_name
from .bugs import Bug

# For people; programs get all of it. In characters, and in number.
_LONGEST_VALUE, _END = 72, 16
MOST: Final = 20
FEW: Final = 5

# The rows of the picture, with their names.
_BODY: Final = "body"
ROWS: Final = {**{row_name(rule): described(rule) for rule in RULES}, _BODY: "the body as a whole"}


class Report(NamedTuple):
    """A run against a gateway, and what the answers tell.

    `url`, `left_behind`, the names of the keys that could not be deleted, and `perhaps_ours`, the names and ids of
    those that are new since the run began, are printed: so the URL comes without user and query. `requests` counts all,
    deletions and repetitions too; `seconds` is how long the run took. `interrupted` is whether Ctrl-C ended it,
    `stopped` why else it ended early.
    """

    url: str
    profile: Profile
    observations: tuple[Observation, ...]
    diagnosis: Diagnosis
    requests: int
    seconds: float
    left_behind: tuple[str, ...] = ()
    interrupted: bool = False
    stopped: str = ""
    perhaps_ours: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether every case of the profile was answered, and rightly."""
        return self.diagnosis.is_clean and not (self.interrupted or self.stopped)


# For a terminal


def text(report: Report) -> str:
    """For a terminal: the verdict in the first line, then each finding in words with the request that decides it."""
    diagnosis = report.diagnosis
    blocks = [
        [f"The gateway {verdict(report)}", f"{plain(report.url)}: {extent(report)}"],
        *map(_finding_lines, diagnosis.findings[:MOST]),
        more(diagnosis.findings, MOST, "finding"),
        _block("Where the page is silent:", map(choice_words, diagnosis.choices)),
        _block("Without a verdict:", map(note_words, diagnosis.without_verdict[:MOST])),
        more(diagnosis.without_verdict, MOST, "case"),
        _block("Left behind, to be deleted:", map(plain, report.left_behind)),
        _block("New since the run began, perhaps ours:", map(plain, report.perhaps_ours)),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def verdict(report: Report) -> str:
    findings, without = report.diagnosis.findings, len(report.diagnosis.without_verdict)
    rules = sum(bool(finding.explanations) for finding in findings)
    parts = []
    if rules:
        parts.append(f"gets {number(rules, 'rule')} wrong")
    if rules < len(findings):
        parts.append(f"gives {number(len(findings) - rules, 'wrong answer')} that no bug model explains")
    if not findings:
        parts.append("keeps every rule" if report.is_clean else "gets no rule wrong so far")
    if without:
        parts.append(f"gives no verdict on {number(without, 'case')}")
    end = "interrupted" if report.interrupted else plain(report.stopped)
    return "; ".join(parts) + (f" ({end})" if end else "")


def extent(report: Report) -> str:
    cases, requests = len(report.observations), number(report.requests, "request")
    return f"{number(cases, 'case')} of {report.profile}, {requests}, {report.seconds:.1f} s"


def _finding_lines(finding: Finding) -> list[str]:
    first, *others = finding.observations
    lines = [
        plain(finding.words),
        f"    {plain(first.case.id)}  {answer(first)}, {due(first)}: {plain(first.case.comment)}",
        f"    {request(first.case)}",
    ]
    if others:
        lines.append(f"    the same cause: {_listed([other.case.id for other in others], FEW)}")
    if not finding.explanations:
        lines.append("    no bug model explains it")
    elif also := other_words(finding):
        lines += ["    also explained by:", *(f"        {words}" for words in also)]
    return lines


def other_words(finding: Finding) -> list[str]:
    """The explanations besides the first, without the subject where it is the same."""
    first, *others = finding.explanations
    subject, _, _ = first.words.partition(": ")
    words = [plain(bug.words.removeprefix(f"{subject}: ")) for bug in others]
    return [*words[:FEW], *more(words, FEW, "bug model")]


def choice_words(choice: Choice) -> str:
    words = f"{plain(choice.observation.case.comment)}: {_verb(choice.observation)}"
    bugs = [plain(bug.words) for bug in choice.explanations]
    return f"{words} ({'; or '.join([*bugs[:FEW], *more(bugs, FEW, 'bug model')])})" if bugs else words


def note_words(observation: Observation) -> str:
    return f"{plain(observation.case.id)}: {note(observation)}"


def note(observation: Observation) -> str:
    status = "" if observation.status is None else f"status {observation.status}"
    return ", ".join(filter(None, (status, plain(observation.note)))) or "no verdict"


def _block(heading: str, lines: Iterator[str]) -> list[str]:
    indented = [f"    {line}" for line in lines]
    return [heading, *indented] if indented else []


def more(found: Sequence[object], most: int, noun: str) -> list[str]:
    return [f"and {number(len(found) - most, f'more {noun}')}"] if len(found) > most else []


def _listed(words: Sequence[str], most: int) -> str:
    rest = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(map(plain, words[:most])) + rest


def number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def answer(observation: Observation) -> str:
    """For example "refused for sign_key"."""
    if observation.accepted or observation.member is None:
        return _verb(observation)
    return f"{_verb(observation)} for {plain(observation.member) or 'the body'}"


def _verb(observation: Observation) -> str:
    return "accepted" if observation.accepted else "refused"


def due(observation: Observation) -> str:
    return {"valid": "must be accepted", "invalid": "must be refused"}.get(observation.case.result, "may be either")


def plain(words: str) -> str:
    return re.sub(r"[^ -~]", lambda found: f"\\u{ord(found[0]):04x}", words)


def request(case: Case) -> str:
    """The body as JSON, long values without their middle."""
    return plain(json.dumps(_shortened(case.body)))


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {member: _shortened(each) for member, each in value.items()}
    if isinstance(value, str) and len(value) > _LONGEST_VALUE:
        return f"{value[:_END]} ({len(value) - 2 * _END} more) {value[-_END:]}"
    return value


# For programs


def as_json(report: Report) -> str:
    """For programs. The members are stable; new ones may be added.

    `url`, `profile`, `requests`, `seconds`, `interrupted`, `stopped`, `left_behind`, `perhaps_ours`: as in a report.
    `clean`: whether every case was answered, and rightly. `findings`: each has `words`; `cases`, the ids of the wrong
    answers with this cause, the most telling first; `bugs`, the bug models that explain them, most likely first, each
    with `name`, `words` and `field`. `choices`, where the page is silent: each has `case`, an id, `accepted`, and
    `bugs`, which go the same way. `cases`, in the order sent: each has the case's `id`, `field`, `result`, `codes`,
    `flags`, `comment` and `wire`, the JSON text that was sent; and of the answer `accepted` (null: no verdict, and
    `note` says why), `member`, `status`, `note` and `wrong`.
    """
    diagnosis = report.diagnosis
    document = {
        "url": report.url,
        "profile": report.profile,
        "clean": report.is_clean,
        "requests": report.requests,
        "seconds": report.seconds,
        "interrupted": report.interrupted,
        "stopped": report.stopped,
        "left_behind": report.left_behind,
        "perhaps_ours": report.perhaps_ours,
        "findings": [
            {
                "words": finding.words,
                "cases": [observation.case.id for observation in finding.observations],
                "bugs": _bugs(finding.explanations),
            }
            for finding in diagnosis.findings
        ],
        "choices": [
            {
                "case": choice.observation.case.id,
                "accepted": choice.observation.accepted,
                "bugs": _bugs(choice.explanations),
            }
            for choice in diagnosis.choices
        ],
        "cases": [
            {
                **{name: getattr(o.case, name) for name in ("id", "field", "result", "codes", "flags", "comment")},
                "wire": o.case.wire.decode(),
                **{name: getattr(o, name) for name in ("accepted", "member", "status", "note")},
                "wrong": o.is_wrong,
            }
            for o in report.observations
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def _bugs(found: Collection[Bug]) -> list[dict[str, str]]:
    return [{name: getattr(bug, name) for name in ("name", "words", "field")} for bug in found]


def junit(report: Report) -> str:
    """JUnit XML: a test case for each case, by row of the table; wrong answers fail, no verdict is an error."""
    causes = {o.case.id: finding for finding in report.diagnosis.findings for o in finding.observations}
    counts = {
        "tests": str(len(report.observations)),
        "failures": str(sum(o.is_wrong for o in report.observations)),
        "errors": str(len(report.diagnosis.without_verdict)),
        "time": f"{report.seconds:.3f}",
    }
    root = ET.Element("testsuites", counts)
    suite = ET.SubElement(root, "testsuite", {"name": f"signrules fuzz {report.profile}", **counts})
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("url", report.url),
        ("verdict", verdict(report)),
        ("left_behind", " ".join(report.left_behind)),
        ("perhaps_ours", ", ".join(report.perhaps_ours)),
    ):
        ET.SubElement(properties, "property", {"name": name, "value": plain(value)})
    for o in report.observations:
        case = ET.SubElement(suite, "testcase", {"classname": row(o.case), "name": plain(o.case.id)})
        if o.is_wrong:
            message = {"message": f"{answer(o)}, {due(o)}: {plain(o.case.comment)}", "type": o.case.result}
            words = f"{plain(causes[o.case.id].words)}\n{request(o.case)}"
            ET.SubElement(case, "failure", message).text = words
        elif o.accepted is None:
            ET.SubElement(case, "error", {"message": note(o), "type": "no verdict"}).text = request(o.case)
    ET.indent(root)
    xml: bytes = ET.tostring(root, encoding="us-ascii", xml_declaration=True)
    return f"{xml.decode()}\n"


def row(case: Case) -> str:
    where, _, _ = case.id.partition(":")
    return where if where in ROWS else _BODY
