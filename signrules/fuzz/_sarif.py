"""What a run found, as SARIF 2.1.0, which code hosts and editors show."""

import json
from typing import Any, Final
from urllib.parse import quote

from .._table import SOURCE_URL
from .._version import version
from ._case import Observation
from ._diagnosis import Finding, Stored
from ._head import incomplete, size, utc
from ._remains import KeyFault
from ._report import (
    STORES_ELSE,
    Report,
    answer,
    certainty,
    heading,
    in_ascii,
    key_fault_in_words,
    part_of,
    reason_with_id,
    right_answer,
    severity,
    stored_in_words,
)
from ._resend import command_line, shell_line

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
# The rules of results that no bug model stands for.
_UNEXPLAINED: Final = "unexplained"
_STORED: Final = "stored-otherwise"
_KEYS: Final = "wrong-with-keys"
_NO_VERDICT: Final = "no-verdict"
_RULES: Final = {
    _UNEXPLAINED: "gives a wrong answer that no bug model explains",
    _STORED: STORES_ELSE,
    _KEYS: "does something wrong with keys",
    _NO_VERDICT: "gives no verdict on a case",
}
# The characters that a URI holds as they are. All others are escaped.
_OF_A_URI: Final = ":/?#[]@!$&'()*+,;=%~"


def sarif(report: Report) -> str:
    """A result for each finding, member that is stored otherwise, mistake with keys, and case without a verdict.

    A notification says why the run has ended early, and which keys it may have left.
    The rule of a finding is its most likely bug model. The location is the endpoint, or the name of the judge.
    """
    diagnosis = report.diagnosis
    results = [
        *(_of_finding(finding, report) for finding in diagnosis.findings),
        *(_of_stored(each, report) for each in diagnosis.stored if each.is_wrong),
        *(_of_key_fault(fault, report) for fault in report.key_faults),
        *(_without_verdict(observation, report) for observation in diagnosis.without_verdict),
    ]
    rules = {bug.name: bug.words for finding in diagnosis.findings for bug in finding.explanations[:1]} | _RULES
    used = [name for name in rules if any(result["ruleId"] == name for result in results)]
    ended = incomplete(report)
    parts = {
        "": [ended],
        "Left behind, to be deleted: ": report.left_behind,
        "New since the run began, perhaps ours: ": report.perhaps_ours,
    }
    notes = [f"{words}{in_ascii(', '.join(names))}" for words, names in parts.items() if any(names)]
    run = {
        "tool": {
            "driver": {
                "name": "signrules",
                "version": version(),
                "rules": [
                    {"id": name, "shortDescription": {"text": in_ascii(rules[name])}, "helpUri": SOURCE_URL}
                    for name in used
                ],
            }
        },
        "invocations": [
            {
                "executionSuccessful": not ended,
                "startTimeUtc": utc(report.begun),
                "endTimeUtc": utc(report.begun + report.seconds),
                "toolExecutionNotifications": [{"level": "warning", "message": {"text": note}} for note in notes],
            }
        ],
        "results": [result | {"ruleIndex": used.index(result["ruleId"])} for result in results],
        "properties": {"profile": report.profile, "size": size(report)},
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _of_finding(finding: Finding, report: Report) -> dict[str, Any]:
    first = finding.observations[0]
    words = (
        f"{heading(finding)} ({severity(finding)}; {certainty(finding, report)}). "
        f"The case {in_ascii(first.case.id)} was {answer(first)}, and {right_answer(first.case)}: "
        f"{in_ascii(first.case.comment)}."
    )
    name = finding.explanations[0].name if finding.explanations else _UNEXPLAINED
    return _result(name, "error", words, finding.observations, report)


def _of_stored(stored: Stored, report: Report) -> dict[str, Any]:
    return _result(_STORED, "error", f"{stored_in_words(stored)}.", stored.observations, report)


def _without_verdict(observation: Observation, report: Report) -> dict[str, Any]:
    return _result(_NO_VERDICT, "warning", f"{reason_with_id(observation)}.", (observation,), report)


def _of_key_fault(fault: KeyFault, report: Report) -> dict[str, Any]:
    return _located(_KEYS, "error", f"{key_fault_in_words(fault)}.", report) | {
        "partialFingerprints": {"keys/v1": fault.kind, "rule/v1": _KEYS}
    }


def _result(rule: str, level: str, words: str, observations: tuple[Observation, ...], report: Report) -> dict[str, Any]:
    case = observations[0].case
    result = _located(rule, level, words, report)
    result["locations"][0]["logicalLocations"] = [{"fullyQualifiedName": part_of(case), "kind": "member"}]
    return result | {
        "partialFingerprints": {"case/v1": in_ascii(case.id), "rule/v1": rule},
        "properties": {
            "cases": [in_ascii(observation.case.id) for observation in observations],
            "shell": shell_line(case, report),
            "command": command_line(case, report),
        },
    }


def _located(rule: str, level: str, words: str, report: Report) -> dict[str, Any]:
    """A result whose location is the endpoint, or the judge."""
    uri = quote(report.url, safe=_OF_A_URI, errors="backslashreplace")
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": words},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}}}],
    }
