"""python3 -m bench.summary: writes bench/results/README.md, one section for each result that may be quoted."""

import json
import sys
from pathlib import Path

from ..common.figures import Figure
from ..common.machine import machine_line
from ..common.options import REPOSITORY
from ..common.report import log, table, with_range, write_whole
from ..plots.rows import Ratio, panel

_RESULTS = REPOSITORY / "bench" / "results"
_HEAD = """# Results

Written by `bench/summary/run` from the JSON beside it. x: how many times as fast as the program beside it, the median of
the paired ratios, in the time that decides (`bench/README.md`)."""


def _figure(values: dict | None) -> Figure | None:
    return Figure(**values) if values else None


def _with_range(ratio: Ratio | None) -> str:
    return with_range(Figure(ratio.median, ratio.smallest, ratio.largest, 0) if ratio else None)


def _targets(document: dict) -> str:
    words = {True: "met", False: "not met"}
    rows = [[each["target"], each["bound"], with_range(_figure(each["figure"])), words[each["met"]]]
            for each in document["targets"] if each["met"] is not None]
    head = ["must hold", "bound", "figure (smallest–largest)", "verdict"]
    return table(head, rows, left=("verdict",)) if rows else ""


def _ratios(document: dict) -> str:
    """Of our programs, each as it chooses by itself, and of the fastest of the others."""
    rows = []
    for scenario in document["scenarios"]:
        shown = panel(scenario)
        if shown is None:
            continue
        ours = [row for row in shown.rows if row.is_ours and "--engine" not in row.name]
        peers = [row for row in shown.rows if not row.is_ours and not row.name.startswith("only the system calls")]
        fastest = max(peers, key=lambda row: row.ratio.median, default=None)
        rows += [[scenario["title"], f"`{row.name}`", f"`{shown.baseline}`", _with_range(row.ratio),
                  _with_range(row.to_disk), f"`{fastest.name}` {_with_range(fastest.ratio)}" if fastest else "–"]
                 for row in ours]
    return table(["scenario", "program", "beside", "x (smallest–largest)", "to disk, x", "fastest of the others, x"],
                 rows, left=("program", "beside", "fastest of the others, x")) if rows else ""


def _section(path: Path, document: dict) -> str:
    settings, name = document["settings"], path.stem
    taken = f", took {document['secondsTaken'] / 60:.0f} minutes" if document.get("secondsTaken") else ""
    facts = [f"{document['date']}, commit {document['commit'] or 'unknown'}{taken}; {settings['rounds']} rounds",
             machine_line(document["machine"]), *([settings["remark"]] if settings["remark"] else [])]
    plot = f", [plot]({name}.svg)" if path.with_suffix(".svg").exists() else ""
    parts = [f"## {document['benchmark']}, {settings['fileSystem']}: [{name}]({name}.md)",
             f"[every sample]({path.name}){plot}. {'; '.join(facts)}.", _targets(document), _ratios(document)]
    return "\n\n".join(part.rstrip() for part in parts if part)


def main(arguments: list[str]) -> int:
    if arguments:
        print("usage: bench.summary", file=sys.stderr)
        return 2
    paths = [path for path in sorted(_RESULTS.glob("*.json")) if not path.stem.endswith("-quick")]
    try:
        sections = [_section(path, json.loads(path.read_text())) for path in paths]
        write_whole(_RESULTS / "README.md", "\n\n".join([_HEAD, *sections]) + "\n")
    except (OSError, ValueError, KeyError) as error:
        log(f"bench.summary: {error!r}")
        return 1
    log(f"written: {_RESULTS.name}/README.md from {len(paths)} results")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
