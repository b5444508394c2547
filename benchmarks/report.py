"""The page: Markdown tables of one run."""

import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version

from ._timing import Case, Group, Times
from .limits import Limit

_PEERS = ("attrs", "fastjsonschema", "jsonschema", "jsonschema-rs", "msgspec", "passlib", "pydantic", "regex", "rstr")


def page(groups: Iterable[Group], times: Times, imports: Mapping[str, float], limits: Iterable[Limit]) -> str:
    """The whole page."""
    parts = [
        "# Benchmarks",
        "How long signrules takes beside its peers. `python -m benchmarks`, run in the project's root, measures all of "
        "it in one run and writes this page and its chart; do not edit them.",
        f"Measured with {platform.python_implementation()} {platform.python_version()}, "
        f"{', '.join(f'{peer} {version(peer)}' for peer in _PEERS)}.",
        "signrules is measured with its accelerator, and in rows of their own in pure Python, without it.",
        "Times differ from machine to machine and from run to run, so only ratios count. All candidates take "
        "turns in short batches, and each figure is the median over the batches.",
        "![Time of signrules and its peers, as ratios](benchmarks.svg)",
    ]
    for group in groups:
        parts += [f"## {group.title}", group.note, _group_table(group, times)]
    parts += [
        "## Import",
        "Milliseconds that an import adds to a fresh process; all but the first after `re` and `typing`. signrules "
        "loads a name when it is first asked for.",
        _table(imports, [[f"{milliseconds:.1f}" for milliseconds in imports.values()]]),
        "## Limits",
        "What the project demands of itself.",
        _table(["", "limit", "measured", ""], [_limit_row(limit) for limit in limits]),
    ]
    return "\n\n".join(parts) + "\n"


def ratio_text(ratio: float) -> str:
    """A ratio with two or three digits."""
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:.3f}"


def duration_text(nanoseconds: float) -> str:
    """A duration in a unit that fits it."""
    return f"{nanoseconds:.0f} ns" if nanoseconds < 1000 else f"{nanoseconds / 1000:,.1f} µs"


def _group_table(group: Group, times: Times) -> str:
    peers = dict.fromkeys(candidate.peer for case in group.cases for candidate in case.candidates)
    rows = [[peer, *(_cell(group, case, peer, times) for case in group.cases)] for peer in peers]
    return _table(["", *(case.title for case in group.cases)], rows)


def _cell(group: Group, case: Case, peer: str, times: Times) -> str:
    remarks = {candidate.peer: candidate.remark for candidate in case.candidates}
    if peer not in remarks:
        return "-"
    baseline = case.candidates[0].peer
    ratio = times[case.title, peer] / times[case.title, baseline]
    if group.cells == "us per 1,000":
        text = f"{times[case.title, peer] / 1e6:.2f}"
    elif peer == baseline:
        text = f"1 = {duration_text(times[case.title, peer])}"
    else:
        text = ratio_text(1 / ratio if group.cells == "times faster" else ratio)
    return f"{text} ({remarks[peer]})" if remarks[peer] else text


def _limit_row(limit: Limit) -> list[str]:
    return [
        limit.what,
        f"{'≥' if limit.at_least else '≤'} {limit.limit:g}{limit.unit}",
        f"{ratio_text(limit.measured)}{limit.unit}",
        "ok" if limit.kept() else "MISSED",
    ]


def _table(header: Iterable[str], rows: Sequence[Iterable[str]]) -> str:
    lines = [list(header), *map(list, rows)]
    lines.insert(1, [":--", *["--:"] * (len(lines[0]) - 1)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
