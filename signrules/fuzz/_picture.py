"""The picture of a report: the rows of the table against the kinds of mistakes."""

from collections import Counter
from collections.abc import Iterator, Mapping

from ._case import Observation
from ._flags import FLAGS
from ._markup import SIGNS, Outcome, outcome
from ._report import PARTS, part_of
from ._row_choice import judged_values
from ._rows import row_name


def picture(observations: tuple[Observation, ...], places: Mapping[str, str]) -> str:
    """The inside of a table. `places` are the anchors of the cases, by their ids."""
    counts: Counter[tuple[str, str, Outcome]] = Counter()
    wrong: dict[tuple[str, str], Observation] = {}
    for o in observations:
        for part, flag, found in dict.fromkeys((*_own(o), *_beside(o))):
            counts[part, flag, found] += 1
            if found == "wrong":
                wrong.setdefault((part, flag), o)

    def cell(part: str, flag: str) -> str:
        found = {kind: counts[part, flag, kind] for kind in SIGNS if counts[part, flag, kind]}
        words = " ".join(
            f'<span class="{kind}">{SIGNS[kind][0]}&#8239;{number}<span class="heard"> {SIGNS[kind][1]}</span></span>'
            for kind, number in found.items()
        )
        worst = next(iter(found), "")
        if worst == "wrong":
            words = f'<a href="#{places[wrong[part, flag].case.id]}">{words}</a>'
        return f'<td class="{worst}">{words}</td>'

    head = "".join(f'<th scope="col"><span>{flag}</span></th>' for flag in FLAGS)
    rows = "\n".join(
        f'<tr><th scope="row">{words}</th>{"".join(cell(part, flag) for flag in FLAGS)}</tr>'
        for part, words in PARTS.items()
    )
    return f"<thead><tr><td></td>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>"


def _own(o: Observation) -> Iterator[tuple[str, str, Outcome]]:
    """What the case is about."""
    for flag in o.case.flags:
        yield part_of(o.case), flag, outcome(o)


def _beside(o: Observation) -> Iterator[tuple[str, str, Outcome]]:
    """The rows of which the case holds a right value, as far as the answer tells whether the row accepts it.

    If the body is accepted, each row accepts its value. If it is refused for a member, that is the wrong answer to its
    value; of the values of the other members, nothing is known, and nothing of any value in raw bytes.
    """
    if o.accepted is None or o.case.raw or not isinstance(o.case.body, dict):
        return
    for field, value, rules in judged_values(o.case.body):
        if not (o.accepted or o.member == field):
            continue
        for rule in rules:
            if rule.accepts(value):
                found: Outcome = "right" if o.accepted else "wrong"
                yield row_name(rule), "Right", found
                if len(value) in (rule.min_length, rule.max_length):
                    yield row_name(rule), "Length", found
