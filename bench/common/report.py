"""Writing results: JSON for programs, Markdown for people."""

import json
import os
import sys
from pathlib import Path

from ..plots.chart import NoMatplotlib, draw
from .figures import Figure
from .machine import machine_line
from .sizes import format_size


def log(message: str) -> None:
    """Progress, for whoever watches; results go to standard output."""
    print(message, file=sys.stderr, flush=True)


def table(head: list[str], rows: list[list[str]], left: tuple[str, ...] = ()) -> str:
    """A Markdown table; the first column and those named in `left` are aligned left, the others right."""
    rules = ["---" if index == 0 or name in left else "---:" for index, name in enumerate(head)]
    lines = ["| " + " | ".join(head) + " |", "|" + "|".join(rules) + "|"]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def number(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def seconds(value: float | None) -> str:
    """Three significant digits at least: `0.640`, `0.00112`."""
    if value is None:
        return "–"
    return f"{value:.3f}" if value >= 0.1 else f"{value:.5f}"


def _plain(value: float) -> str:
    """`0`, `0.0010`, `1.74`, `37.2`, `16,384`."""
    if value == 0:
        return "0"
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 0.095 else 4
    return f"{value:,.{digits}f}"


def with_range(value: Figure | None) -> str:
    """`1.74 (1.60–1.81)`: the median, the smallest and the largest."""
    if value is None:
        return "–"
    return f"{_plain(value.median)} ({_plain(value.minimum)}–{_plain(value.maximum)})"


def report_head(title: str, document: dict) -> list[str]:
    """The lines above the tables: what was measured, on what, and how."""
    settings, versions = document["settings"], document["versions"]
    return [
        f"# {title}, {settings['fileSystem']}", "",
        f"{document['date']}, {machine_line(document['machine'])}.", "",
        f"- file system: {settings['workspace']}",
        f"- versions: {', '.join(text for text in versions.values() if text)}"
        + (f"; commit {document['commit']}" if document["commit"] else ""),
        f"- ballast: {format_size(settings['ballastBytes'])} held; {settings['rounds']} rounds, "
        f"seed {settings['seed']}, after a warm-up round that is not counted",
        *([f"- not installed: {', '.join(settings['missingPeers'])}"] if settings.get("missingPeers") else []),
        *([f"- left out: {settings['leftOut']}"] if settings.get("leftOut") else []),
        *([f"- {settings['remark']}"] if settings["remark"] else []), "",
    ]


def write_whole(path: Path, text: str) -> None:
    """Or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".new")
    unfinished.write_text(text)
    os.replace(unfinished, path)


def publish(prefix: Path, document: dict, markdown: str) -> None:
    """Writes PREFIX.json, PREFIX.md and PREFIX.svg, and prints the Markdown."""
    texts = {".json": json.dumps(document, indent=1, ensure_ascii=False) + "\n", ".md": markdown}
    try:
        texts[".svg"] = draw(document)
    except NoMatplotlib as error:
        log(f"no plot: {error}")
    for ending, text in texts.items():
        write_whole(prefix.with_name(prefix.name + ending), text)
    print(markdown)
    log(f"written: {', '.join(prefix.name + ending for ending in texts)}")
