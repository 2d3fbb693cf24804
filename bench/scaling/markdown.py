"""The report: the model, its check, what it says of very many files, and where it bends."""

from ..common.figures import median_of
from ..common.report import number, report_head, seconds, table
from ..many.contestants import COPY, CP
from ..many.runner import Result
from ..many.scenarios import INSIDE, RETURN
from .model import Model, Point, fit
from .points import DISK, LARGE, SMALL, WORKERS, workers_name

_PROGRAMS = (COPY, CP)
# The sizes nobody waits for here.
_FAR = (("1 TB in files of 1 MB", 1_000_000, LARGE), ("100,000,000 files of 4 KiB", 100_000_000, SMALL))


def _of_kind(results: dict[str, Result], kind: str) -> list[Result]:
    """From the smallest to the largest."""
    found = [result for name, result in results.items() if name.startswith(f"{kind}-")]
    return sorted(found, key=lambda result: result.scenario.job.source.files)


def _point(result: Result, program: str) -> Point | None:
    tree = result.scenario.job.source
    value = median_of(result.samples.get(program, []), DISK)
    return Point(tree.files, tree.byte_count(), value) if value else None


def models(results: dict[str, Result]) -> dict[str, tuple[Model, list[tuple[Point, bool]]]]:
    """By program: the model, and all points with whether each was fitted. The largest of each kind checks."""
    found = {}
    for program in _PROGRAMS:
        kinds = [_of_kind(results, kind) for kind in ("small", "large")]
        points = [(point, result is not kind[-1]) for kind in kinds for result in kind
                  if (point := _point(result, program))]
        fitted = [point for point, fits in points if fits]
        if len(fitted) >= 3 and len(points) > len(fitted):
            found[program] = (fit(fitted), points)
    return found


def _span(value: float) -> str:
    if value < 120:
        return f"{value:.1f} s"
    return f"{value / 60:.0f} min" if value < 7200 else f"{value / 3600:.1f} h"


def _model_sections(results: dict[str, Result]) -> list[str]:
    lines = []
    for program, (model, points) in models(results).items():
        lines += [
            f"## `{program}`, uncached, to disk", "",
            f"Seconds = {model.fixed:.3f} + {model.per_file * 1e6:.1f} µs for each file "
            f"+ {model.per_byte * 1e9:.3f} s for each GB.", ""]
        rows = []
        for point, fits in points:
            predicted = model.seconds(point.files, point.byte_count)
            rows.append([f"{point.files:,} files, {point.byte_count / 1e6:,.0f} MB", "fitted" if fits else "**checks**",
                         seconds(point.seconds), seconds(predicted), f"{100 * (predicted / point.seconds - 1):+.0f} %"])
        lines.append(table(["tree", "", "measured, s", "predicted, s", "off by"], rows, left=("",)))
        far = [[text, _span(model.seconds(files, files * size))] for text, files, size in _FAR]
        lines.append(table(["if nothing bends", "predicted"], far))
    return lines


def _flat_section(results: dict[str, Result]) -> list[str]:
    rows = []
    for result in _of_kind(results, "flat"):
        files = result.scenario.job.source.files
        cells = [median_of(result.samples.get(program, []), RETURN) for program in _PROGRAMS]
        rows.append([f"{files:,}", *(number(value and value / files * 1e6, 1) for value in cells)])
    if not rows:
        return []
    head = ["files in one directory", *(f"`{program}`, µs a file" for program in _PROGRAMS)]
    return ["## The size of a directory (cached, to return)", "", table(head, rows)]


def _workers_section(results: dict[str, Result]) -> list[str]:
    if not (result := results.get("workers")):
        return []
    files = result.scenario.job.source.files
    one = median_of(result.samples.get(workers_name(1), []), RETURN)
    rows = []
    for count in WORKERS:
        samples = result.samples.get(workers_name(count), [])
        value, cpu = median_of(samples, RETURN), median_of(samples, "cpuSeconds")
        if value and one and cpu:
            rows.append([str(count), number(value / files * 1e6, 1), number(one / value), number(cpu / files * 1e6, 1)])
    head = ["workers", "µs a file", "x one worker", "CPU µs a file"]
    return ["## Workers in one directory (cached, to return)", "", table(head, rows)]


def _memory_section(results: dict[str, Result]) -> list[str]:
    rows = []
    for name, key in (("memory", RETURN), ("memory-alone", INSIDE)):
        if not (result := results.get(name)):
            continue
        job = result.scenario.job
        gigabytes = (job.source.byte_count() if job.source else job.byte_count) / 1e9
        for contestant in result.scenario.contestants:
            samples = result.samples.get(contestant.name, [])
            if value := median_of(samples, key):
                rows.append([f"`{contestant.name}`" if job.source else contestant.name, number(gigabytes / value)])
    if not rows:
        return []
    return ["## What memory gives: a tmpfs (to return), and memory alone (inside)", "", table(["", "GB/s"], rows, left=("",))]


def markdown_report(document: dict, results: dict[str, Result]) -> str:
    return "\n".join([*report_head("How copying trees scales", document), *_model_sections(results),
                      *_flat_section(results), *_workers_section(results), *_memory_section(results)]).rstrip() + "\n"
