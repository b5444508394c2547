"""What a run found, as a page. The frame is report.html, the look report.css."""

from collections import Counter
from html import escape

from ..export.assets import page
from ._case import FLAGS, Observation
from ._diagnosis import Finding
from ._markup import SIGNS, Outcome, section, sign, text
from ._report import (
    MOST_ENTRIES,
    MOST_EXAMPLES,
    PARTS,
    Report,
    answer,
    body_in_ascii,
    certainty,
    choice_in_words,
    more,
    other_explanations,
    part_of,
    reason,
    reason_with_id,
    right_answer,
    size,
    stored_in_words,
    verdict,
)


def html(report: Report) -> str:
    """A self-contained page: the findings, a picture of the rows against the kinds of mistakes, and every case.

    It needs no network and no script, and its policy allows none. It is ASCII.
    """
    diagnosis = report.diagnosis
    flags = [flag for flag in FLAGS if any(flag in o.case.flags for o in report.observations)]
    places = {o.case.id: f"case-{number}" for number, o in enumerate(report.observations, 1)}
    return page(
        __package__,
        "report.html",
        "report.css",
        JUDGE=report.judge,
        MARK=sign("wrong" if diagnosis.findings else "right" if report.is_clean else "none"),
        VERDICT=text(verdict(report)),
        URL=text(report.url),
        EXTENT=text(size(report)),
        FINDINGS=section(
            "What it gets wrong",
            "ol",
            _some([_finding(each, report, places) for each in diagnosis.findings], "finding"),
        ),
        WITHOUT_VERDICT=section(
            "Without a verdict",
            "ul",
            _some([text(reason_with_id(o)) for o in diagnosis.without_verdict], "case"),
        ),
        LEFT_BEHIND=section("Left behind, to be deleted", "ul", map(text, report.left_behind))
        + section("New since the run began, perhaps ours", "ul", map(text, report.perhaps_ours)),
        STORED=section("Stored otherwise than sent", "ul", map(text, map(stored_in_words, diagnosis.stored))),
        CHOICES=section("Where the page is silent", "ul", map(text, map(choice_in_words, diagnosis.choices))),
        PICTURE=_picture(report, flags, places),
        LEGEND="\n".join(f"<dt>{flag}</dt><dd>{text(FLAGS[flag])}</dd>" for flag in flags),
        CASES="\n".join(_cases(name, report, places) for name in PARTS),
    )


def _outcome(observation: Observation) -> Outcome:
    return "none" if observation.accepted is None else "wrong" if observation.is_wrong else "right"


def _some(items: list[str], noun: str) -> list[str]:
    return [*items[:MOST_ENTRIES], *more(items, MOST_ENTRIES, noun)]


def _finding(finding: Finding, report: Report, places: dict[str, str]) -> str:
    first, *others = finding.observations
    lines = [
        f"<h3>{text(finding.words)}</h3>",
        f"<p>{_link(first, places)} <strong>{escape(answer(first))}</strong>, {right_answer(first.case)}: "
        f"{text(first.case.comment)}</p>",
        f"<pre>{escape(body_in_ascii(first.case))}</pre>",
    ]
    if others:
        links = [_link(other, places) for other in others[:MOST_EXAMPLES]]
        lines.append(f"<p>The same cause: {', '.join([*links, *more(others, MOST_EXAMPLES, 'case')])}</p>")
    words = certainty(finding, report)
    lines.append(f"<p>{words[0].upper()}{words[1:]}.</p>")
    if also := other_explanations(finding):
        lines.append(f"<ul>{''.join(f'<li>{escape(words)}</li>' for words in also)}</ul>")
    return "\n".join(lines)


def _link(observation: Observation, places: dict[str, str]) -> str:
    case_id = observation.case.id
    return f'<a href="#{places[case_id]}"><code>{text(case_id)}</code></a>'


def _picture(report: Report, flags: list[str], places: dict[str, str]) -> str:
    """The rows of the table against the kinds of mistakes."""
    counts = Counter((part_of(o.case), flag, _outcome(o)) for o in report.observations for flag in o.case.flags)
    first = {(part_of(o.case), flag): o for o in reversed(report.observations) if o.is_wrong for flag in o.case.flags}

    def cell(name: str, flag: str) -> str:
        found = {kind: counts[name, flag, kind] for kind in SIGNS if counts[name, flag, kind]}
        words = " ".join(
            f'<span class="{kind}">{SIGNS[kind][0]}&#8239;{number}<span class="heard"> {SIGNS[kind][1]}</span></span>'
            for kind, number in found.items()
        )
        worst = next(iter(found), "")
        if worst == "wrong":
            words = f'<a href="#{places[first[name, flag].case.id]}">{words}</a>'
        return f'<td class="{worst}">{words}</td>'

    head = "".join(f'<th scope="col"><span>{flag}</span></th>' for flag in flags)
    rows = "\n".join(
        f'<tr><th scope="row">{words}</th>{"".join(cell(name, flag) for flag in flags)}</tr>'
        for name, words in PARTS.items()
    )
    return f"<thead><tr><td></td>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>"


def _cases(name: str, report: Report, places: dict[str, str]) -> str:
    found = [o for o in report.observations if part_of(o.case) == name]
    if not found:
        return ""
    counts = Counter(map(_outcome, found))
    summary = ", ".join(f"{counts[kind]} {words}" for kind, (_, words) in SIGNS.items() if counts[kind])
    rows = "\n".join(_case(o, places) for o in found)
    return f"""<details class="cases">
<summary>{PARTS[name]} <small>{summary}</small></summary>
<div class="table" tabindex="0" role="region" aria-label="Cases of {PARTS[name]}"><table>
<thead><tr><th scope="col">Answer</th><th scope="col">Case</th><th scope="col">Request</th></tr></thead>
<tbody>
{rows}
</tbody></table></div></details>"""


def _case(observation: Observation, places: dict[str, str]) -> str:
    case, kind = observation.case, _outcome(observation)
    silent = " silent" if case.result == "acceptable" else ""
    said = reason(observation) if kind == "none" else answer(observation)
    if silent or kind != "right":
        said += f", {right_answer(case)}"
    return (
        f'<tr id="{places[case.id]}" class="{kind}{silent}"><td>{sign(kind)} {escape(said)}</td>'
        f"<td><code>{text(case.id)}</code><br>{text(case.comment)}<br><small>{', '.join(case.flags)}</small></td>"
        f"<td><code>{escape(body_in_ascii(case))}</code></td></tr>"
    )
