"""What a run found, and the words for it. `_formats` and `_page` put the words together.

The values in a report are those of the cases. They are shown in printable ASCII: all else is escaped, so that it can
neither be mistaken for a look-alike, nor steer a terminal, nor break a file.
"""

import json
import re
from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple

from .._spelling import listed
from .._table import RULES
from ._case import Case, Observation
from ._cases import Profile
from ._diagnosis import Choice, Diagnosis, Finding, Stored
from ._follow_up import Reason, reason_for_several
from ._remains import KeyFault
from ._rows import row_in_words, row_name
from ._wire_readers import WireReading

# How many findings, or cases without a verdict, a report for people shows; and how many examples of one thing.
MOST_ENTRIES: Final = 20
MOST_EXAMPLES: Final = 5
# Characters. A report for people shows only the two ends of a longer value.
_LONGEST_VALUE, _END = 72, 16

# The parts of a body that a report has an entry for, with their words.
_BODY: Final = "body"
PARTS: Final = {**{row_name(rule): row_in_words(rule) for rule in RULES}, _BODY: "the body as a whole"}


Judge = Literal["gateway", "judge"]


class Report(NamedTuple):
    """A run against a gateway or another judge, and what the answers tell.

    `left_behind` holds the names of the keys that could not be deleted, `perhaps_ours` the names and ids of those that
    are new since the run began. They are printed, and so is `url`, which must come without user and query. `requests`
    counts all requests, deletions and repetitions too; `seconds` is how long the run took, `begun` when it began, in
    seconds since 1970. `profile` is "only" if the user has named the cases. `interrupted` is whether a signal ended it,
    `stopped` another reason why it ended early, or "". `judge` is what gave the verdicts; if that is a program, `url`
    is its name. `key_faults` says what the gateway gets wrong with keys.
    """

    url: str
    profile: Profile | Literal["only"]
    observations: tuple[Observation, ...]
    diagnosis: Diagnosis
    requests: int
    seconds: float
    begun: float
    left_behind: tuple[str, ...] = ()
    interrupted: bool = False
    stopped: str = ""
    perhaps_ours: tuple[str, ...] = ()
    judge: Judge = "gateway"
    key_faults: tuple[KeyFault, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether every case of the profile was answered, and rightly, and nothing is wrong with keys."""
        return self.diagnosis.is_clean and not (self.interrupted or self.stopped or self.key_faults)


def verdict(report: Report) -> str:
    """For example "gets 1 rule wrong"; the judge is the subject."""
    findings, without = report.diagnosis.findings, len(report.diagnosis.without_verdict)
    rules = sum(bool(finding.explanations) for finding in findings)
    parts = []
    if rules:
        parts.append(f"gets {number(rules, 'rule')} wrong")
    if rules < len(findings):
        parts.append(f"gives {number(len(findings) - rules, 'wrong answer')} that no bug model explains")
    if not findings:
        is_whole = not (without or report.interrupted or report.stopped)
        # The cases of "wire" do not test every rule.
        good = "gives no wrong answer" if report.profile == "wire" else "keeps every rule"
        parts.append(good if is_whole else "gets no rule wrong so far")
    if without:
        parts.append(f"gives no verdict on {number(without, 'case')}")
    otherwise = dict.fromkeys(each.member for each in report.diagnosis.stored if each.is_wrong)
    if otherwise:
        parts.append(f"stores {listed(otherwise, 'and')} otherwise than sent")
    parts += [fault.words for fault in report.key_faults]
    end = "interrupted" if report.interrupted else in_ascii(report.stopped)
    return "; ".join(parts) + (f" ({end})" if end else "")


def severity(finding: Finding) -> str:
    """What the finding means for the users of the gateway: "lets wrong keys in", "locks right keys out", or both."""
    answers = {observation.accepted for observation in finding.observations if observation.is_wrong}
    return listed([words for accepted, words in _SEVERITIES.items() if accepted in answers], "and")


_SEVERITIES: Final = {True: "lets wrong keys in", False: "locks right keys out"}
# What it means that a member is stored otherwise than it was sent.
STORES_ELSE: Final = "stores something else"


def heading(finding: Finding) -> str:
    """The finding in one sentence. It says "probably" if there is another explanation."""
    if len(finding.explanations) < 2:
        return in_ascii(finding.words)
    first = finding.explanations[0]
    return in_ascii(f"{first.subject}: probably {first.does}" if first.subject else f"probably {first.does}")


_REASONS: Final[dict[Reason, str]] = {
    "alike": "no case that we know of tells them apart",
    "unanswered": "a case that would tell them apart got no verdict",
    "unasked": "a case that would tell them apart was not sent",
}


def certainty(finding: Finding, report: Report) -> str:
    """How sure the finding is: whether something else explains it too (`other_explanations`), and why that is so."""
    if not finding.explanations:
        return "no bug model explains it"
    reason = reason_for_several(finding, report.observations)
    return f"also explained by what follows; {_REASONS[reason]}" if reason else "this, and nothing else that we know of"


def other_explanations(finding: Finding) -> list[str]:
    """The explanations besides the first, without their subject where it is the same."""
    words = [
        in_ascii(bug.does if bug.subject == finding.explanations[0].subject else bug.words)
        for bug in finding.explanations[1:]
    ]
    return [*words[:MOST_EXAMPLES], *more(words, MOST_EXAMPLES, "bug model")]


def stored_in_words(stored: Stored) -> str:
    """How a member is stored otherwise, and after which cases."""
    ids = [in_ascii(o.case.id) for o in stored.observations]
    some = [*ids[:MOST_EXAMPLES], *more(ids, MOST_EXAMPLES, "case")]
    return f"{stored.words} ({', '.join(some)})"


def key_fault_in_words(fault: KeyFault) -> str:
    """What is wrong with keys, and after which cases or with which keys."""
    return f"{fault.words} ({', '.join(some_of(fault))})"


def some_of(fault: KeyFault) -> list[str]:
    """The first cases or keys with which something is wrong, and how many more there are."""
    untold = [f"and {len(fault.of) - MOST_EXAMPLES} more"] if len(fault.of) > MOST_EXAMPLES else []
    return [*map(in_ascii, fault.of[:MOST_EXAMPLES]), *untold]


def choice_in_words(choice: Choice) -> str:
    """Which way the gateway went, and what else goes that way."""
    words = f"{in_ascii(choice.observation.case.comment)}: {_verb(choice.observation)}"
    bugs = [in_ascii(bug.words) for bug in choice.explanations]
    some = "; ".join(["; or ".join(bugs[:MOST_EXAMPLES]), *more(bugs, MOST_EXAMPLES, "bug model")])
    probably = "probably " if len(bugs) > 1 else ""
    return f"{words} ({probably}{some})" if bugs else words


def reading_in_words(reading: WireReading) -> list[str]:
    """How one thing on the wire is read, and what is dangerous about it."""
    return [in_ascii(reading.words), *([f"beware: {reading.warning}"] if reading.warning else [])]


def reason_with_id(observation: Observation) -> str:
    """The id of a case without a verdict, and the reason."""
    return f"{in_ascii(observation.case.id)}: {reason(observation)}"


def reason(observation: Observation) -> str:
    """Why there is no verdict."""
    status = "" if observation.status is None else f"status {observation.status}"
    return ", ".join(filter(None, (status, in_ascii(observation.code), in_ascii(observation.note)))) or "no verdict"


def answer(observation: Observation) -> str:
    """For example "refused for sign_key (400)", with the error code behind the status if there is one."""
    words = _verb(observation)
    if not observation.accepted and observation.member is not None:
        words += f" for {in_ascii(observation.member) or 'the body'}"
    if observation.status is None:
        return words
    return f"{words} ({', '.join(filter(None, (str(observation.status), in_ascii(observation.code))))})"


def _verb(observation: Observation) -> str:
    return "accepted" if observation.accepted else "refused"


def right_answer(case: Case) -> str:
    """For example "must be refused"."""
    return {"valid": "must be accepted", "invalid": "must be refused"}.get(case.result, "may be either")


def part_of(case: Case) -> str:
    """The part of a body that the case is about, one of `PARTS`."""
    return row_name(case.row) if case.row else _BODY


def body_in_ascii(case: Case) -> str:
    """The body as JSON, long values without their middle; or raw bytes, as Python spells them."""
    return repr(case.wire) if case.raw else in_ascii(json.dumps(_shortened(case.body)))


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {member: _shortened(each) for member, each in value.items()}
    if isinstance(value, str) and len(value) > _LONGEST_VALUE:
        return f"{value[:_END]} ({len(value) - 2 * _END} more) {value[-_END:]}"
    return value


def in_ascii(words: str) -> str:
    """The words, with an escape for all that is not printable ASCII."""
    return re.sub(r"[^ -~]", lambda found: f"\\u{ord(found[0]):04x}", words)


def more(found: Sequence[object], most: int, noun: str) -> list[str]:
    """For example ["and 3 more cases"] if there are three more than are shown."""
    return [f"and {number(len(found) - most, f'more {noun}')}"] if len(found) > most else []


def number(count: int, noun: str) -> str:
    """For example "1 rule"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
