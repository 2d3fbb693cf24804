"""The report people read, and which the README quotes."""

from ..common.report import number, report_head, seconds, table, with_range
from ..common.sizes import GIB, MIB, format_size
from ..common.targets import Verdict, verdict_table
from .runner import Result
from .summary import Summary, summarize
from .targets import STATED_FILE_SYSTEM, STATED_SIZE


def _pages(summary: Summary) -> str:
    return f"{summary.pages_added.median:,.0f}" if summary.pages_added else "–"


def _row(summary: Summary, has_limit: bool) -> list[str]:
    resident = summary.max_resident_bytes
    return [
        f"`{summary.name}`", with_range(summary.x_return), with_range(summary.x_disk),
        *([f"{100 * summary.limit_share.median:.0f} %" if summary.limit_share else "–"] if has_limit else []),
        f"{seconds(summary.return_seconds)} / {seconds(summary.disk_seconds)}", seconds(summary.cpu_seconds),
        number(summary.cpu_ratio.median if summary.cpu_ratio else None),
        f"{resident / MIB:.1f} MiB" if resident is not None else "–",
        _pages(summary), ", ".join(summary.strategies) or "–",
    ]


def _limit_lines(result: Result) -> list[str]:
    limit, size = result.limit, result.scenario.source.size
    if limit is None:
        return []

    def rate(duration: float) -> str:
        return f"{size / duration / GIB:.2f} GiB/s ({duration:.3f} s)"
    return [f"fio, direct, 1 MiB x 8: reads {rate(limit.read_seconds)}, writes {rate(limit.write_seconds)}, "
            f"both at once {limit.both_seconds:.3f} s; {limit.text}.", ""]


def scenario_section(result: Result) -> str:
    scenario = result.scenario
    has_limit = result.limit is not None
    head = ["contestant", "to return, x", "to disk, x", *(["of the limit, to disk"] if has_limit else []),
            "seconds (return / disk)", "CPU s", "CPU / cp", "peak RSS", "pages added to the cache", "strategy"]
    rows = [_row(summarize(result, each.name), has_limit)
            for each in scenario.contestants if result.samples[each.name]]
    lines = [f"## {scenario.title[0].upper()}{scenario.title[1:]}", "",
             f"x: `{scenario.baseline.name}`'s time / the contestant's in the same round; "
             f"median (smallest–largest) of {len(result.baseline_samples)} rounds.", "",
             table(head, rows, left=("strategy",))]
    lines += _limit_lines(result)
    lines += [f"- {note}" for note in (*result.notes, *result.noise())]
    lines += [f"- `{name}` failed: {reason}" for name, reason in result.failures.items()]
    return "\n".join(lines).rstrip() + "\n"


def targets_section(verdicts: list[Verdict], file_system: str, size: int) -> str:
    lines = ["## Must hold", ""]
    if (file_system, size) != (STATED_FILE_SYSTEM, STATED_SIZE):
        lines += [f"Stated for {format_size(STATED_SIZE)} on {STATED_FILE_SYSTEM}; "
                  f"this run, {format_size(size)} on {file_system}, only indicates.", ""]
    return "\n".join([*lines, verdict_table(verdicts)])


def markdown_report(document: dict, results: dict[str, Result], verdicts: list[Verdict]) -> str:
    settings = document["settings"]
    return "\n".join([
        *report_head("Large files: uringcp beside GNU cp", document),
        targets_section(verdicts, settings["fileSystem"], settings["sizeBytes"]),
        *(scenario_section(result) for result in results.values()),
    ])
