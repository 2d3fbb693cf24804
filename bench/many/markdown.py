"""The report people read, and which the README quotes."""

from ..common.report import number, report_head, seconds, table, with_range
from ..common.sizes import MIB
from ..common.targets import Verdict, verdict_table
from .contestants import CP
from .runner import Result
from .scenarios import INSIDE, Scenario
from .summary import Summary, summarize
from .targets import STATED_CSV_FILES, STATED_FILE_SYSTEM, STATED_FILES


def _columns(scenario: Scenario) -> dict[str, bool]:
    return {"disk": scenario.synced, "inside": any(each.reports for each in scenario.contestants),
            "syncs": scenario.name == "append-durable"}


def _row(summary: Summary, shown: dict[str, bool]) -> list[str]:
    resident = summary.max_resident_bytes
    times = [summary.return_seconds, *([summary.disk_seconds] if shown["disk"] else []),
             *([summary.inside_seconds] if shown["inside"] else [])]
    return [
        f"`{summary.name}`", with_range(summary.x_return),
        *([with_range(summary.x_disk)] if shown["disk"] else []),
        *([with_range(summary.x_inside)] if shown["inside"] else []),
        " / ".join(map(seconds, times)), seconds(summary.cpu_seconds),
        number(summary.cpu_ratio.median if summary.cpu_ratio else None),
        f"{resident / MIB:.1f} MiB" if resident is not None else "–",
        number(summary.context_switches, 0),
        *([number(summary.syncs, 0)] if shown["syncs"] else []),
        *([", ".join(summary.engines) or "–"] if shown["inside"] else []),
    ]


def _baseline_text(result: Result) -> str:
    scenario = result.scenario
    rounds = len(result.samples.get(result.baseline, []))
    others = f", the fastest of {len(scenario.baselines)}" if len(scenario.baselines) > 1 else ""
    deciding = "; the time inside decides" if scenario.decides == INSIDE else ""
    return (f"x: `{result.baseline}`'s time{others} / the contestant's in the same round; "
            f"median (smallest–largest) of {rounds} round{'s' if rounds != 1 else ''}{deciding}.")


def scenario_section(result: Result) -> str:
    scenario = result.scenario
    shown = _columns(scenario)
    names = ["return", *(["disk"] if shown["disk"] else []), *(["inside"] if shown["inside"] else [])]
    head = ["contestant", "to return, x", *(["to disk, x"] if shown["disk"] else []),
            *(["inside, x"] if shown["inside"] else []), f"seconds ({' / '.join(names)})", "CPU s",
            "CPU / cp" if result.baseline == CP else "CPU / baseline", "peak RSS", "context switches",
            *(["fsyncs"] if shown["syncs"] else []), *(["engine"] if shown["inside"] else [])]
    rows = [_row(summarize(result, each.name), shown) for each in scenario.contestants if result.samples[each.name]]
    lines = [f"## {scenario.title[0].upper()}{scenario.title[1:]}", "", _baseline_text(result), "",
             table(head, rows, left=("engine",))]
    lines += [f"- {note}" for note in (*result.notes, *result.noise())]
    lines += [f"- `{name}` failed: {reason}" for name, reason in result.failures.items()]
    return "\n".join(lines).rstrip() + "\n"


def targets_section(verdicts: list[Verdict], settings: dict) -> str:
    lines = ["## Must hold", ""]
    stated = (STATED_FILE_SYSTEM, STATED_FILES, STATED_CSV_FILES)
    run = (settings["fileSystem"], settings["files"], settings["csvFiles"])
    if run != stated:
        def text(file_system: str, files: int, csv_files: int) -> str:
            return f"{files:,} files ({files * 5 // 2:,} to load) and {csv_files:,} CSV files on {file_system}"
        lines += [f"Stated for {text(*stated)}; this run: {text(*run)}.", ""]
    return "\n".join([*lines, verdict_table(verdicts)])


def markdown_report(document: dict, results: dict[str, Result], verdicts: list[Verdict]) -> str:
    settings = document["settings"]
    return "\n".join([
        *report_head("Many files: uringcp and uringtool beside cp and Python", document),
        targets_section(verdicts, settings),
        *(scenario_section(result) for result in results.values()),
    ])
