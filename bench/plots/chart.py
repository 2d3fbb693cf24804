"""Draws a result as SVG: a panel for each scenario, in it a row for each contestant."""

import io
import sys
from pathlib import Path

from .rows import Panel, Row, panels

# Where `make bench-deps` puts it if the Python that runs is not the one that Debian packages are for.
_OWN_MATPLOTLIB = Path(__file__).resolve().parents[2] / ".build" / "matplotlib"

_OURS, _OTHERS, _BASELINE = "#0b5fa5", "#555555", "#b03a2e"
_WIDTH, _ROW_HEIGHT, _PANEL_MARGIN, _HEAD = 9.0, 0.30, 1.05, 0.75  # inches
_NAMES_SHARE = 0.33  # of the width, left of the axes
_WIDE = 4.0  # from this ratio of largest to smallest on, the axis is logarithmic


class NoMatplotlib(Exception):
    """It is not installed: the result is complete without its chart."""


def _import_matplotlib():
    if _OWN_MATPLOTLIB.is_dir() and str(_OWN_MATPLOTLIB) not in sys.path:
        sys.path.append(str(_OWN_MATPLOTLIB))
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError:
        raise NoMatplotlib("matplotlib is not installed; `make bench-deps` does it") from None
    # The same bytes for the same figures, and text that can be searched.
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "swift-uring-io", "font.size": 9,
                                "font.family": "sans-serif"})
    return Figure


def draw(document: dict) -> str:
    """The SVG; `NoMatplotlib` if there is none."""
    make_figure = _import_matplotlib()
    shown = panels(document)
    heights = [len(each.rows) * _ROW_HEIGHT + _PANEL_MARGIN for each in shown]
    height = sum(heights) + _HEAD
    figure = make_figure(figsize=(_WIDTH, height), facecolor="white")
    _draw_head(figure, document, height)
    top = height - _HEAD
    for each, room in zip(shown, heights):
        rows_height = len(each.rows) * _ROW_HEIGHT
        bottom = top - 0.4 - rows_height  # below the panel's title
        axes = figure.add_axes((_NAMES_SHARE, bottom / height, 0.97 - _NAMES_SHARE, rows_height / height))
        _draw_panel(axes, each)
        top -= room
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()


def _draw_head(figure, document: dict, height: float) -> None:
    settings, machine = document["settings"], document["machine"]
    remark = f"; {settings['remark']}" if settings["remark"] else ""
    lines = (f"{document['benchmark']}, {settings['fileSystem']}: how many times as fast as the baseline{remark}",
             f"{document['date'][:10]}, {machine['cores']} cores of {machine['processor']}, "
             f"Linux {machine['kernel']}; median of the paired ratios, and the smallest to the largest")
    for number, (line, weight) in enumerate(zip(lines, ("bold", "normal"))):
        figure.text(0.01, 1 - (0.25 + 0.22 * number) / height, line, fontweight=weight)


def _draw_panel(axes, panel: Panel) -> None:
    smallest, largest = panel.span
    if largest / smallest >= _WIDE:
        axes.set_xscale("log")
        axes.set_xlim(smallest / 1.1, largest * 1.1)
    else:
        axes.set_xlim(max(0, smallest - 0.1), largest + 0.1)
    axes.xaxis.set_major_formatter(lambda value, _position: f"{value:g}")
    axes.xaxis.set_minor_formatter(lambda value, _position: _minor_label(value, largest / smallest))
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.axvline(1, color=_BASELINE, linewidth=1.2)
    for position, row in enumerate(panel.rows):
        _draw_row(axes, row, position)
    axes.set_ylim(len(panel.rows) - 0.5, -0.5)
    axes.set_yticks(range(len(panel.rows)), [row.name for row in panel.rows])
    for label, row in zip(axes.get_yticklabels(), panel.rows):
        label.set_color(_OURS if row.is_ours else "black")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(left=False, which="both")
    to_disk = "; open: to disk" if any(row.to_disk for row in panel.rows) else ""
    axes.set_title(f"{panel.title[0].upper()}{panel.title[1:]}", loc="right", fontsize=10, fontweight="bold")
    axes.set_xlabel(f"x {panel.baseline}{to_disk}", loc="right", color=_BASELINE, labelpad=1)


def _minor_label(value: float, span: float) -> str:
    """Between the powers of ten of a logarithmic axis: all, some, or none, so that they do not touch."""
    is_shown = span < 20 or span < 2000 and f"{value:e}"[0] in "25"
    return f"{value:g}" if is_shown else ""


def _draw_row(axes, row: Row, position: int) -> None:
    colour = _OURS if row.is_ours else _OTHERS
    # Beside one another where there are two.
    shift = 0.17 if row.to_disk else 0
    for ratio, y, face in ((row.ratio, position - shift, colour), (row.to_disk, position + shift, "white")):
        if ratio is None:
            continue
        axes.plot((ratio.smallest, ratio.largest), (y, y), color=colour, linewidth=1.4, solid_capstyle="round")
        axes.plot(ratio.median, y, "o", markersize=4.5, markerfacecolor=face, markeredgecolor=colour)
