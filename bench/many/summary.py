"""From samples to the figures that tables use."""

from dataclasses import dataclass

from ..common.figures import Figure, figure, median_of, paired
from .contestants import reported
from .runner import Result
from .scenarios import INSIDE, RETURN


@dataclass(frozen=True)
class Summary:
    """One contestant in one scenario. Ratios are paired by round; `x` is the baseline's / the contestant's."""

    name: str
    x_return: Figure | None
    x_disk: Figure | None
    x_inside: Figure | None  # the whole time of a contestant that does not say its time inside
    cpu_ratio: Figure | None  # the contestant's CPU seconds / the baseline's
    return_seconds: float | None
    disk_seconds: float | None
    inside_seconds: float | None
    cpu_seconds: float | None
    max_resident_bytes: int | None  # the largest of all runs
    context_switches: float | None
    syncs: float | None
    engines: tuple[str, ...]

    def as_json(self) -> dict:
        def plain(value):
            return value.as_json() if isinstance(value, Figure) else value
        return {
            "xReturn": plain(self.x_return), "xDisk": plain(self.x_disk), "xInside": plain(self.x_inside),
            "cpuRatio": plain(self.cpu_ratio), "returnSeconds": self.return_seconds,
            "diskSeconds": self.disk_seconds, "insideSeconds": self.inside_seconds,
            "cpuSeconds": self.cpu_seconds, "maxResidentBytes": self.max_resident_bytes,
            "contextSwitches": self.context_switches, "syncs": self.syncs, "engines": list(self.engines),
        }


def summarize(result: Result, name: str) -> Summary:
    samples, baseline = result.samples[name], result.baseline
    syncs = figure([count for sample in samples if (count := syncs_of(sample)) is not None])
    engines = {sample.get("report", {}).get("engine") for sample in samples} - {None}
    return Summary(
        name=name,
        x_return=result.times(name, baseline, RETURN),
        x_disk=result.times(name, baseline, "diskSeconds"),
        x_inside=result.times(name, baseline, INSIDE),
        cpu_ratio=paired(samples, result.samples.get(baseline, []), "cpuSeconds"),
        return_seconds=median_of(samples, RETURN),
        disk_seconds=median_of(samples, "diskSeconds"),
        inside_seconds=median_of(samples, INSIDE),
        cpu_seconds=median_of(samples, "cpuSeconds"),
        max_resident_bytes=max((sample["maxResidentBytes"] for sample in samples), default=None),
        context_switches=median_of(samples, "contextSwitches"),
        syncs=syncs.median if syncs else None,
        engines=tuple(sorted(map(str, engines))),
    )


def syncs_of(sample: dict) -> float | None:
    return reported(sample.get("report"), "syncs", "fsyncs", "syncCount")
