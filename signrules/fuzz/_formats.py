"""What a run found, as text for a terminal, and for programs as JSON and as JUnit XML."""

import json
from collections.abc import Collection, Iterable
from typing import Any, Literal
from xml.etree import ElementTree as ET

from .._table import SOURCE_TITLE
from .._version import version
from ._case import Observation, wire_members
from ._diagnosis import Choice, Finding, Stored
from ._follow_up import reason_for_several
from ._head import about, incomplete, made_by, size, utc
from ._report import (
    MOST_ENTRIES,
    MOST_EXAMPLES,
    Report,
    answer,
    body_in_ascii,
    certainty,
    choice_in_words,
    heading,
    in_ascii,
    key_fault_in_words,
    more,
    other_explanations,
    part_of,
    reading_in_words,
    reason,
    reason_with_id,
    right_answer,
    severity,
    stored_in_words,
    verdict,
)
from ._wire_readers import WireReading
from .bugs import Bug


def text(report: Report) -> str:
    """For a terminal: the verdict in the first line, then each finding in words with the request that decides it."""
    diagnosis = report.diagnosis
    blocks = [
        [f"The {report.judge} {verdict(report)}", f"{in_ascii(report.url)}: {size(report)}"],
        [incomplete(report)] if incomplete(report) else [],
        *(_finding_lines(finding, report) for finding in diagnosis.findings[:MOST_ENTRIES]),
        more(diagnosis.findings, MOST_ENTRIES, "finding"),
        _block("Wrong with keys:", map(key_fault_in_words, report.key_faults)),
        _block("Stored otherwise than sent:", map(stored_in_words, diagnosis.stored)),
        _block(f'Where the page, "{SOURCE_TITLE}", is silent:', map(choice_in_words, diagnosis.choices)),
        _block("How the wire is read:", ("\n        ".join(reading_in_words(each)) for each in diagnosis.readings)),
        _block("Without a verdict:", map(reason_with_id, diagnosis.without_verdict[:MOST_ENTRIES])),
        more(diagnosis.without_verdict, MOST_ENTRIES, "case"),
        _block("Left behind, to be deleted:", map(in_ascii, report.left_behind)),
        _block("New since the run began, perhaps ours:", map(in_ascii, report.perhaps_ours)),
        [f"{made_by(report.begun)}; {about(report)}"],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _finding_lines(finding: Finding, report: Report) -> list[str]:
    first, *others = finding.observations
    case = first.case
    lines = [
        heading(finding),
        f"    {severity(finding)}",
        f"    {in_ascii(case.id)}  {answer(first)}, {right_answer(case)}: {in_ascii(case.comment)}",
        f"    {body_in_ascii(case)}",
    ]
    if others:
        ids = [in_ascii(other.case.id) for other in others]
        untold = f" and {len(ids) - MOST_EXAMPLES} more" if len(ids) > MOST_EXAMPLES else ""
        lines.append(f"    the same cause: {', '.join(ids[:MOST_EXAMPLES])}{untold}")
    lines.append(f"    {certainty(finding, report)}")
    return [*lines, *(f"        {words}" for words in other_explanations(finding))]


def _block(heading: str, lines: Iterable[str]) -> list[str]:
    indented = [f"    {line}" for line in lines]
    return [heading, *indented] if indented else []


def as_json(report: Report) -> str:
    """For programs. The members are stable; new ones may be added.

    `url`, `profile`, `requests`, `seconds`, `interrupted`, `stopped`, `left_behind`, `perhaps_ours`: as in a report.
    `begun`: when the run began, in UTC (RFC 3339). `version`: that of signrules. `clean`: whether every case was
    answered, and rightly. `findings`: each has `words`; `cases`, the ids of the wrong answers with this cause, the most
    telling first; `severity`, what they mean for the users, in words; `bugs`, the bug models that explain them, most
    likely first, each with `name`, `words` and `field`; `certain`, whether there is one bug model and no other that we
    know of; `reason`, why there is more than one: "alike" (no case tells them apart), "unanswered" (a case that would
    got no verdict) or "unasked" (such a case was not sent). `stored`, what the gateway stores otherwise than it was
    sent: each has `member`, `alteration`, `words`, `wrong` (false if the answer only hides it) and `cases`, their ids.
    `key_faults`, what it gets wrong with keys: each has `kind`, `words`, and `of`, the ids of cases or names of keys.
    `choices`, where the page is silent: each has `case`, an id, `accepted`, and `bugs`, which go the same way.
    `readings`, how the wire is read: each has `topic`, `words`, `warning`, `readers`, the names of the ways to read
    that explain all answers (none if these contradict each other), and `cases`, the ids. `cases`, in the order sent:
    each has the case's `id`, `field`, `result`, `codes`, `flags`, `comment` and `wire`, the JSON text that was sent, or
    `wire_base64`, raw bytes, with `content_encoding`, the header of that name (null: not sent); and of the answer
    `accepted` (null: no verdict, and `note` says why), `member`, `status`, `code`, `note` and `wrong`.
    """
    diagnosis = report.diagnosis
    document = {
        "url": report.url,
        "profile": report.profile,
        "clean": report.is_clean,
        "requests": report.requests,
        "seconds": report.seconds,
        "begun": utc(report.begun),
        "version": version(),
        "interrupted": report.interrupted,
        "stopped": report.stopped,
        "left_behind": report.left_behind,
        "perhaps_ours": report.perhaps_ours,
        "findings": [_finding_members(finding, report) for finding in diagnosis.findings],
        "stored": [_stored_members(each) for each in diagnosis.stored],
        "key_faults": [{"kind": each.kind, "words": each.words, "of": each.of} for each in report.key_faults],
        "choices": [_choice_members(choice) for choice in diagnosis.choices],
        "readings": [_reading_members(reading) for reading in diagnosis.readings],
        "cases": [_case_members(observation) for observation in report.observations],
    }
    return json.dumps(document, indent=2) + "\n"


def _finding_members(finding: Finding, report: Report) -> dict[str, Any]:
    return {
        "words": finding.words,
        "cases": _ids(finding.observations),
        "severity": severity(finding),
        "bugs": _bugs(finding.explanations),
        "certain": finding.is_certain,
        "reason": reason_for_several(finding, report.observations),
    }


def _stored_members(stored: Stored) -> dict[str, Any]:
    return {
        "member": stored.member,
        "alteration": stored.alteration,
        "words": stored.words,
        "wrong": stored.is_wrong,
        "cases": _ids(stored.observations),
    }


def _choice_members(choice: Choice) -> dict[str, Any]:
    return {
        "case": choice.observation.case.id,
        "accepted": choice.observation.accepted,
        "bugs": _bugs(choice.explanations),
    }


def _reading_members(reading: WireReading) -> dict[str, Any]:
    return {
        "topic": reading.topic,
        "words": reading.words,
        "warning": reading.warning,
        "readers": [reader.name for reader in reading.readers],
        "cases": _ids(reading.observations),
    }


def _case_members(observation: Observation) -> dict[str, Any]:
    case = observation.case
    return {
        **{name: getattr(case, name) for name in ("id", "field", "result", "codes", "flags", "comment")},
        **wire_members(case),
        **{name: getattr(observation, name) for name in ("accepted", "member", "status", "code", "note")},
        "wrong": observation.is_wrong,
    }


def _ids(observations: Collection[Observation]) -> list[str]:
    return [observation.case.id for observation in observations]


def _bugs(found: Collection[Bug]) -> list[dict[str, str]]:
    return [{name: getattr(bug, name) for name in ("name", "words", "field")} for bug in found]


def junit(report: Report) -> str:
    """JUnit XML: a test case for each case, by row of the table; wrong answers fail, no verdict is an error.

    All else that is wrong has a test case of its own, so that no reader of the XML takes the run for a success.
    """
    causes: dict[str, str] = {}
    for finding in report.diagnosis.findings:
        words = f"{heading(finding)}; {severity(finding)}"
        causes |= dict.fromkeys(_ids(finding.observations), words)
    besides = _besides(report)
    kinds = [kind for _, kind, _ in besides]
    counts = {
        "tests": str(len(report.observations) + len(besides)),
        "failures": str(sum(o.is_wrong for o in report.observations) + kinds.count("failure")),
        "errors": str(len(report.diagnosis.without_verdict) + kinds.count("error")),
        "time": f"{report.seconds:.3f}",
    }
    root = ET.Element("testsuites", counts)
    named = {"name": f"signrules fuzz {report.profile}", "timestamp": utc(report.begun).removesuffix("Z")}
    suite = ET.SubElement(root, "testsuite", {**named, **counts})
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("url", report.url),
        ("version", version()),
        ("verdict", verdict(report)),
        ("left_behind", " ".join(report.left_behind)),
        ("perhaps_ours", ", ".join(report.perhaps_ours)),
        ("key_faults", "; ".join(each.words for each in report.key_faults)),
        ("stored", "; ".join(each.words for each in report.diagnosis.stored)),
        ("readings", "; ".join(each.words for each in report.diagnosis.readings)),
    ):
        ET.SubElement(properties, "property", {"name": name, "value": in_ascii(value)})
    for o in report.observations:
        case = ET.SubElement(suite, "testcase", {"classname": part_of(o.case), "name": in_ascii(o.case.id)})
        if o.is_wrong:
            words = f"{answer(o)}, {right_answer(o.case)}: {in_ascii(o.case.comment)}"
            failure = ET.SubElement(case, "failure", {"message": words, "type": o.case.result})
            failure.text = f"{causes[o.case.id]}\n{body_in_ascii(o.case)}"
        elif o.accepted is None:
            error = ET.SubElement(case, "error", {"message": reason(o), "type": "no verdict"})
            error.text = body_in_ascii(o.case)
    for name, kind, words in besides:
        case = ET.SubElement(suite, "testcase", {"classname": "the run as a whole", "name": name})
        ET.SubElement(case, kind, {"message": words, "type": name})
    ET.indent(root)
    xml: bytes = ET.tostring(root, encoding="us-ascii", xml_declaration=True)
    return f"{xml.decode()}\n"


def _besides(report: Report) -> list[tuple[str, Literal["failure", "error"], str]]:
    """What is wrong besides the answers to the cases: its name, its kind in JUnit XML, and its words."""
    stored = [stored_in_words(each) for each in report.diagnosis.stored if each.is_wrong]
    found: tuple[tuple[str, Literal["failure", "error"], list[str]], ...] = (
        ("wrong with keys", "failure", [*map(key_fault_in_words, report.key_faults)]),
        ("stored otherwise than sent", "failure", stored),
        ("left behind, to be deleted", "error", [*map(in_ascii, report.left_behind)]),
        ("new since the run began, perhaps ours", "error", [*map(in_ascii, report.perhaps_ours)]),
        ("ended early", "error", [*filter(None, [incomplete(report)])]),
    )
    return [(name, kind, ", ".join(words)) for name, kind, words in found if words]
