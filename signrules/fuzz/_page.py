"""What a run found, as a page. The frame is report.html, the look report.css."""

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

from ..export.assets import page
from ._case import Case, Observation
from ._diagnosis import Finding, Stored
from ._flags import FLAGS
from ._head import about, incomplete, made_by, size
from ._markup import SIGNS, SOURCE, Outcome, outcome, section, sideways, sign, text
from ._picture import picture
from ._report import (
    MOST_ENTRIES,
    MOST_EXAMPLES,
    PARTS,
    STORES_ELSE,
    Report,
    answer,
    body_in_ascii,
    certainty,
    choice_in_words,
    heading,
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
from ._resend import VARIABLES, command_line, shell_line

# The anchors of the cases, by their ids.
Places = Mapping[str, str]


def html(report: Report) -> str:
    """A self-contained page: the findings, a picture of the rows against the kinds of mistakes, and every case.

    It needs no network and no script, and its policy allows none. It is ASCII.
    """
    places = {o.case.id: f"case-{number}" for number, o in enumerate(report.observations, 1)}
    return page(
        __package__,
        "report.html",
        "report.css",
        command="fuzz",
        title=f"Which rule does the {report.judge} get wrong?",
        JUDGE=report.judge,
        MARK=sign(_mark(report)),
        VERDICT=text(verdict(report)),
        URL=text(report.url),
        EXTENT=text(f"{size(report)}; {about(report)}"),
        MADE=made_by(report.begun),
        BANNER=_banner(report),
        FINDINGS=_findings(report, places),
        WITHOUT_VERDICT=_without_verdict(report),
        LEFT_BEHIND=_keys(report),
        STORED=_stored(report, places),
        CHOICES=_choices(report),
        READINGS=_readings(report),
        PICTURE=sideways(
            "Rows of the table against kinds of mistakes",
            f'<table class="picture">\n{picture(report.observations, places)}\n</table>',
        ),
        LEGEND="\n".join(f"<dt>{flag}</dt><dd>{text(words)}</dd>" for flag, words in FLAGS.items()),
        CASES="\n".join(_cases(name, report, places) for name in PARTS),
    )


def _mark(report: Report) -> Outcome:
    """Of the report as a whole."""
    diagnosis = report.diagnosis
    if diagnosis.findings or report.key_faults or any(each.is_wrong for each in diagnosis.stored):
        return "wrong"
    return "right" if report.is_clean else "none"


def _banner(report: Report) -> str:
    words = incomplete(report)
    return f'<p class="banner">{text(words)}</p>' if words else ""


def _findings(report: Report, places: Places) -> str:
    found = [_finding(each, report, places) for each in report.diagnosis.findings]
    return section("What it gets wrong", "ol", _some(found, "finding"))


def _without_verdict(report: Report) -> str:
    found = [text(reason_with_id(o)) for o in report.diagnosis.without_verdict]
    return section("Without a verdict", "ul", _some(found, "case"))


def _some(items: list[str], noun: str) -> list[str]:
    return [*items[:MOST_ENTRIES], *more(items, MOST_ENTRIES, noun)]


def _keys(report: Report) -> str:
    return (
        section("Wrong with keys", "ul", map(text, map(key_fault_in_words, report.key_faults)))
        + section("Left behind, to be deleted", "ul", map(text, report.left_behind))
        + section("New since the run began, perhaps ours", "ul", map(text, report.perhaps_ours))
    )


def _stored(report: Report, places: Places) -> str:
    """What is stored otherwise, as findings; and what the answers only hide."""
    wrong = (_stored_otherwise(each, report, places) for each in report.diagnosis.stored if each.is_wrong)
    hidden = (text(stored_in_words(each)) for each in report.diagnosis.stored if not each.is_wrong)
    return section("Stored otherwise than sent", "ol", wrong) + section("Hidden in the answers", "ul", hidden)


def _choices(report: Report) -> str:
    words = f"The page is {SOURCE}. It does not say whether these bodies are right, so neither answer is wrong."
    choices = map(text, map(choice_in_words, report.diagnosis.choices))
    return section("Where the page is silent", "ul", choices, words)


def _readings(report: Report) -> str:
    readings = ["<br>".join(map(text, reading_in_words(each))) for each in report.diagnosis.readings]
    return section("How the wire is read", "ul", readings)


def _stored_otherwise(stored: Stored, report: Report, places: Places) -> str:
    return f"""<h3>{text(stored.words)}</h3>
<p><strong class="severity">{STORES_ELSE}</strong></p>
<p>Seen after {_links(stored.observations, places)}.</p>
{_again(stored.observations[0].case, report)}"""


def _finding(finding: Finding, report: Report, places: Places) -> str:
    first, *others = finding.observations
    lines = [
        f"<h3>{text(heading(finding))}</h3>",
        f'<p><strong class="severity">{severity(finding)}</strong></p>',
        f"<p>{_link(first, places)} <strong>{escape(answer(first))}</strong>, {right_answer(first.case)}: "
        f"{text(first.case.comment)}</p>",
        f"<pre>{escape(body_in_ascii(first.case))}</pre>",
    ]
    if others:
        lines.append(f"<p>The same cause: {_links(others, places)}</p>")
    words = certainty(finding, report)
    lines.append(f"<p>{words[0].upper()}{words[1:]}.</p>")
    if also := other_explanations(finding):
        lines.append(f"<ul>{''.join(f'<li>{escape(words)}</li>' for words in also)}</ul>")
    return "\n".join([*lines, _again(first.case, report)])


def _again(case: Case, report: Report) -> str:
    deletes = ", which deletes the key that is made" if report.judge == "gateway" else ""
    return f"""<details>
<summary>Send it again</summary>
<p>With a shell:</p>
<pre>{text(shell_line(case, report))}</pre>
<p>With signrules{deletes}:</p>
<pre>{text(command_line(case, report))}</pre>
<p>{VARIABLES[report.judge]}</p>
</details>"""


def _links(observations: Sequence[Observation], places: Places) -> str:
    links = [_link(observation, places) for observation in observations[:MOST_EXAMPLES]]
    return ", ".join([*links, *more(observations, MOST_EXAMPLES, "case")])


def _link(observation: Observation, places: Places) -> str:
    case_id = observation.case.id
    return f'<a href="#{places[case_id]}"><code>{text(case_id)}</code></a>'


def _cases(name: str, report: Report, places: Places) -> str:
    found = [o for o in report.observations if part_of(o.case) == name]
    if not found:
        return ""
    counts = Counter(map(outcome, found))
    summary = ", ".join(f"{counts[kind]} {words}" for kind, (_, words) in SIGNS.items() if counts[kind])
    rows = "\n".join(_case(o, places) for o in found)
    return f"""<details class="cases">
<summary>{PARTS[name]} <small>{summary}</small></summary>
<div class="table" tabindex="0" role="region" aria-label="Cases of {PARTS[name]}"><table>
<thead><tr><th scope="col">Answer</th><th scope="col">Case</th><th scope="col">Request</th></tr></thead>
<tbody>
{rows}
</tbody></table></div></details>"""


def _case(observation: Observation, places: Places) -> str:
    case, kind = observation.case, outcome(observation)
    silent = " silent" if case.result == "acceptable" else ""
    said = reason(observation) if kind == "none" else answer(observation)
    if silent or kind != "right":
        said += f", {right_answer(case)}"
    return (
        f'<tr id="{places[case.id]}" class="{kind}{silent}"><td>{sign(kind)} {escape(said)}</td>'
        f"<td><code>{text(case.id)}</code><br>{text(case.comment)}<br><small>{', '.join(case.flags)}</small></td>"
        f"<td><code>{escape(body_in_ascii(case))}</code></td></tr>"
    )
