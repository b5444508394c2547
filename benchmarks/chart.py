"""The chart: one panel for each of a few cases, and a bar from the baseline to each peer's ratio."""

from collections.abc import Sequence
from io import StringIO
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ._peers import OURS
from ._timing import Case, Times
from .report import duration_text, ratio_text

_OURS, _PEER, _INK, _LINE = "#c2410c", "#94a3b8", "#1e293b", "#cbd5e1"
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text: a small file, and it can be searched
    "svg.hashsalt": "signrules",
    "figure.constrained_layout.w_pad": 0.2,  # inches: another font on the reader's side may be wider
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana"],  # repeated in every text of the file
    "figure.constrained_layout.h_pad": 0.08,
    "font.size": 9,
    "text.color": _INK,
    "ytick.labelcolor": _INK,
    "xtick.labelcolor": _INK,
}
_DESCRIPTION = "Written by python -m benchmarks"
_BAR_INCHES = 0.19


def svg(panels: Sequence[tuple[str, Case]], times: Times) -> str:
    """The chart of these titles and cases, as the text of an SVG file without a date."""
    text = StringIO()
    with mpl.rc_context(_SETTINGS):
        figure(panels, times).savefig(
            text, format="svg", metadata={"Date": None, "Creator": None, "Description": _DESCRIPTION}
        )
    return text.getvalue()


def figure(panels: Sequence[tuple[str, Case]], times: Times) -> Figure:
    """The same as a figure."""
    bars = [len(case.candidates) for _, case in panels]
    height = _BAR_INCHES * (sum(bars) + 2 * len(bars) + 3)
    drawing = Figure(figsize=(8, height), facecolor="white", layout="constrained")  # legible on a dark page, too
    all_axes = drawing.subplots(len(panels), 1, sharex=True, squeeze=False, height_ratios=bars)
    for axes, (title, case) in zip(all_axes[:, 0], panels, strict=True):
        _panel(axes, title, case, times)
    low, high = axes.get_xlim()
    axes.set_xlim(low / 2, high * 2)  # room for the figures at the ends of the bars
    axes.xaxis.set_major_formatter(lambda ratio, _: f"{ratio:g}x")
    axes.set_xlabel("time relative to the first of each panel (left is faster, logarithmic)")
    return drawing


def _panel(axes: Axes, title: str, case: Case, times: Times) -> None:
    remarks = {candidate.peer: candidate.remark for candidate in case.candidates}
    baseline = times[case.title, case.candidates[0].peer]
    for row, (peer, remark) in enumerate(remarks.items()):
        time = times[case.title, peer]
        ratio = time / baseline
        axes.barh(row, ratio - 1, left=1, height=0.7, color=_OURS if peer.startswith(OURS) else _PEER)
        text = duration_text(time) if row == 0 else ratio_text(ratio) + "x"
        axes.annotate(
            f"{text} ({remark})" if remark else text,
            (ratio, row),
            xytext=(4 if ratio >= 1 else -4, 0),
            textcoords="offset points",
            va="center",
            ha="left" if ratio >= 1 else "right",
            fontsize=8,
        )
    axes.set_xscale("log")
    axes.minorticks_off()
    axes.axvline(1, color=_INK, linewidth=0.8)
    axes.set_yticks(range(len(remarks)), list(remarks))
    axes.invert_yaxis()
    axes.set_title(title, loc="left", fontsize=9, fontweight="bold")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.grid(axis="x", color=_LINE, linewidth=0.5)
    axes.set_axisbelow(True)
