"""How many planted bugs are found with so many requests: by the cases, and by peers that do not know the table.

`python -m benchmarks.fuzzing` runs all of it, prints the page and writes it and its picture to docs/.
"""

import argparse
import json
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from typing import Any, Final

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from schemathesis.engine import from_schema

import signrules
from signrules._request import gateway_error
from signrules._rule import bounded_pattern
from signrules._violation import Violation
from signrules.export import openapi
from signrules.fuzz import cases, learn
from signrules.fuzz._cases import quick_ids
from signrules.fuzz._finds import found_by
from signrules.fuzz.bugs import bugs, refused
from signrules.integrations import schemathesis as plug_in
from signrules.strategies import invalid_requests

from .cells import found_of

_DOCS: Final = Path(__file__).parent.parent / "docs"
_MOST: Final = 3000
_COLUMNS: Final = (50, 100, len(quick_ids()), 1000, _MOST)
_QUICK, _FULL, _STRATEGY, _ROUND_TRIP = "quick", "full", "invalid_requests()", "from_regex round trip"
_ALONE, _PLUGGED = "schemathesis alone", "schemathesis with the plug-in"
_LEARN = "learn"
# So many tables with one cell changed are tried.
_CHANGES: Final = 300
# Three of them begin alike: one lies broad under the other two, of which one is broken.
_STYLES: Final = {
    _QUICK: ("#fdba74", "-", 4),
    _FULL: ("#c2410c", "-", 1.6),
    _PLUGGED: ("#1d4ed8", (0, (2, 2)), 2),
    _LEARN: ("#15803d", "-", 1.6),
    _STRATEGY: ("#c2410c", ":", 1.6),
    _ALONE: ("#1d4ed8", "-", 1.6),
    _ROUND_TRIP: ("#64748b", "-", 1.6),
}


def main() -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzzing", description=__doc__)
    parser.add_argument("--dry-run", action="store_true", help="only print, write nothing")
    parser.add_argument("--quick", type=int, metavar="N", help="with so many requests, to see that it works; no files")
    options = parser.parse_args()
    most = options.quick or _MOST
    curves = {peer: curve(bodies(most)) for peer, bodies in PEERS.items()}
    text = page(curves, found_of(options.quick or _CHANGES), options.quick or _CHANGES)
    drawing = svg(curves)
    print(text)
    if options.dry_run or options.quick:
        return
    (_DOCS / "fuzzing.md").write_text(text, encoding="utf-8")
    (_DOCS / "fuzzing.svg").write_text(drawing, encoding="utf-8")


# What is sent


def schemathesis_bodies(count: int, *, plugged: bool) -> list[Any]:
    """The bodies of the first requests that `schemathesis run` sends to a gateway without a bug; `None` for no body.

    It reads the OpenAPI document of `signrules export openapi`. The seed is 1; its coverage phase, which comes before
    the random one, is the same every time.
    """
    bodies: list[Any] = []

    def gateway(environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        content = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        body: Any = None
        with suppress(ValueError):
            body = json.loads(content) if environ["REQUEST_METHOD"] == "POST" else None
        bodies.append(body)
        if len(bodies) >= count:
            events.stop()
        member = refused(body)
        if member is None:
            status, answer = "201 Created", {"id": "0" * 32, "name": body["name"], "sign_type": "hmac"}
        else:
            status, answer = "400 Bad Request", gateway_error(Violation(member, "type", ""))
        start(status, [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]

    schema = schemathesis.openapi.from_dict(openapi())
    schema.app = gateway
    schema.config.seed = 1
    schema.config.continue_on_failure = True
    schema.config.generation.max_examples = count
    schema.config.generation.database = "none"
    with _hooks(plugged=plugged):
        events = from_schema(schema).execute()
        for _ in events:
            pass
    return bodies[:count]


@contextmanager
def _hooks(*, plugged: bool) -> Iterator[None]:
    """They are there since the plug-in is imported."""
    hooks = () if plugged else (plug_in.before_add_examples, plug_in.flatmap_case)
    for hook in hooks:
        schemathesis.hooks.unregister(hook)
    try:
        yield
    finally:
        for hook in hooks:
            schemathesis.hooks.GLOBAL_HOOK_DISPATCHER.register_hook_with_name(hook, hook.__name__)


def _round_trip(count: int) -> list[Any]:
    """From the pattern of each row in turn, with its lengths, as one tests that a validator takes what it should."""
    return _drawn(st.sampled_from(signrules.RULES).flatmap(_from_pattern), count)


def _from_pattern(rule: signrules.Rule) -> SearchStrategy[dict[str, Any]]:
    words = {"sign_type": rule.sign_type, "sign_algorithm": rule.sign_algorithm}
    body = {"name": "orders", **{member: word for member, word in words.items() if word}}
    texts = st.from_regex(bounded_pattern((rule,)), fullmatch=True)
    return texts.map(lambda text: {**body, rule.field: text})


def _learning(count: int) -> list[Any]:
    """What `learn` asks a gateway without a bug. It asks one with a bug the same until the answers differ."""
    bodies: list[Any] = []

    def answer(body: dict[str, str]) -> bool:
        bodies.append(body)
        return refused(body) is None

    learn(answer)
    return bodies[:count]


def _drawn(strategy: SearchStrategy[Any], count: int) -> list[Any]:
    examples: list[Any] = []

    @seed(1)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(example: Any) -> None:
        examples.append(example)

    collect()
    return examples[:count]


PEERS: Final[Mapping[str, Callable[[int], list[Any]]]] = {
    _QUICK: lambda count: [case.body for case in cases("quick")][:count],
    _FULL: lambda count: [case.body for case in cases("full")][:count],
    _PLUGGED: lambda count: schemathesis_bodies(count, plugged=True),
    _LEARN: _learning,
    _STRATEGY: lambda count: [body for body, _ in _drawn(invalid_requests(), count)],
    _ALONE: lambda count: schemathesis_bodies(count, plugged=False),
    _ROUND_TRIP: _round_trip,
}


# What is found


def curve(bodies: Sequence[Any]) -> list[int]:
    """After each request, how many of the bug models have answered otherwise than the right gateway."""
    found: set[str] = set()
    counts = []
    for body in bodies:
        found.update(found_by(body))
        counts.append(len(found))
    return counts


def page(curves: Mapping[str, Sequence[int]], of_cells: Mapping[str, int], changes: int) -> str:
    """The whole page."""
    versions = ", ".join(f"{peer} {version(peer)}" for peer in ("hypothesis", "schemathesis"))
    rows = [[peer, *(f"{counts[min(n, len(counts)) - 1]:,}" for n in _COLUMNS)] for peer, counts in curves.items()]
    lines = [["requests", *(f"{n:,}" for n in _COLUMNS)], [":--", *["--:"] * len(_COLUMNS)], *rows]
    parts = [
        "# Bugs found against requests sent",
        "A bug model is found if a gateway that has this one bug answers at least one request otherwise than a gateway "
        f"without a bug. There are {len(bugs()):,} models. `python -m benchmarks.fuzzing`, run in the project's root, "
        "measures all of it in one run and writes this page and its picture; do not edit them.",
        f"Measured with {platform.python_implementation()} {platform.python_version()}, {versions}; every seed is 1.",
        "![Bugs found against requests sent](fuzzing.svg)",
        "\n".join(f"| {' | '.join(line)} |" for line in lines),
        "* `quick` and `full` are ordered by these very models, so finding all of them proves only that the order is "
        "good. `tests/network/test_heldout.py` shows what they find of bugs that the library has no model of.\n"
        f"* `quick` ends after {len(curves[_QUICK]):,} requests, `learn` after {len(curves[_LEARN]):,}, `full` after "
        f"{len(curves[_FULL]):,}; the later columns repeat what they have found by then.\n"
        "* `learn` asks about the cells of the table, over printable ASCII alone. It does not look for bugs of an "
        "engine, such as a line break at the end.\n"
        "* schemathesis reads `signrules export openapi` and runs its phases in their order: examples, coverage, "
        "fuzzing. Alone, its examples are those of the document, one right body of each kind. It is counted as if it "
        "knew the right answer to each body; in truth it knows only what the document says. [The "
        "plug-in](how-to-fuzz-schemathesis.md) puts `quick` before its examples.\n"
        "* `invalid_requests()` is a strategy of `signrules.strategies`; it breaks several members at a time. "
        "The round trip sends what `hypothesis.strategies.from_regex` makes of the pattern of each row, with "
        "`fullmatch`: only right bodies.\n"
        "* Hypothesis, which schemathesis uses too, also draws constants that it finds in the loaded modules. So these "
        "rows change a little with the code.",
        "## Tables with one wrong cell",
        f"{changes:,} gateways have one cell of the table changed at random: a bound by up to 3, or one printable "
        "character more or less in `charset` or in `first`. The bug models hold few of these changes.",
        f"| | of {changes:,} |\n| :-- | --: |\n"
        f"| found by `quick` | {of_cells['quick']:,} |\n| found by `full` | {of_cells['full']:,} |\n"
        f"| stated exactly, the whole table, by `learn` | {of_cells['learn']:,} |",
    ]
    return "\n\n".join(parts) + "\n"


def svg(curves: Mapping[str, Sequence[int]]) -> str:
    """The picture, as the text of an SVG file without a date."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    from .chart import _INK, _LINE, _SETTINGS

    text = StringIO()
    with mpl.rc_context(_SETTINGS):
        drawing = Figure(figsize=(8, 4.2), facecolor="white", layout="constrained")  # legible on a dark page, too
        axes = drawing.subplots()
        for peer, counts in curves.items():
            color, style, width = _STYLES[peer]
            axes.plot(range(1, len(counts) + 1), counts, linestyle=style, linewidth=width, color=color, label=peer)
        axes.set_xscale("log")
        axes.set_xlim(1, max(map(len, curves.values())))
        axes.set_ylim(0, 1.03 * len(bugs()))
        for axis in axes.xaxis, axes.yaxis:
            axis.set_major_formatter(lambda n, _: f"{n:,.0f}")
        axes.minorticks_off()
        axes.set_xticks([n for n in (1, 10, *_COLUMNS) if n <= axes.get_xlim()[1]])
        axes.set_xlabel("requests sent (logarithmic)")
        axes.set_title(f"Bug models found, of {len(bugs()):,}", loc="left", fontsize=9, fontweight="bold")
        axes.grid(color=_LINE, linewidth=0.5)
        axes.axhline(len(bugs()), color=_INK, linewidth=0.8)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        axes.legend(frameon=False, loc="upper left", handlelength=3.5)
        drawing.savefig(text, format="svg", metadata={"Date": None, "Creator": None, "Description": _DESCRIPTION})
    return text.getvalue()


_DESCRIPTION: Final = "Written by python -m benchmarks.fuzzing"


if __name__ == "__main__":
    main()
