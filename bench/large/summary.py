"""From samples to the figures that tables and targets use."""

from dataclasses import dataclass

from ..common.figures import Figure, figure, median_of, paired
from .runner import Result


@dataclass(frozen=True)
class Summary:
    """One contestant in one scenario. Ratios are paired by round; `x` is the baseline's / the contestant's."""

    name: str
    x_return: Figure | None
    x_disk: Figure | None
    cpu_ratio: Figure | None  # the contestant's CPU seconds / the baseline's
    slowdown: Figure | None  # the contestant's time to return / the baseline's
    limit_share: Figure | None  # the device's shortest time / the contestant's time to disk
    return_seconds: float | None
    disk_seconds: float | None
    cpu_seconds: float | None
    max_resident_bytes: int | None  # the largest of all runs
    pages_added: Figure | None  # of source and destination together
    strategies: tuple[str, ...]

    def as_json(self) -> dict:
        def plain(value):
            return value.as_json() if isinstance(value, Figure) else value
        return {
            "xReturn": plain(self.x_return), "xDisk": plain(self.x_disk), "cpuRatio": plain(self.cpu_ratio),
            "slowdown": plain(self.slowdown), "limitShare": plain(self.limit_share),
            "returnSeconds": self.return_seconds, "diskSeconds": self.disk_seconds,
            "cpuSeconds": self.cpu_seconds, "maxResidentBytes": self.max_resident_bytes,
            "pagesAdded": plain(self.pages_added), "strategies": list(self.strategies),
        }


def _strategy(sample: dict) -> str | None:
    report = sample.get("report")
    return f"{report.get('strategy', '?')} on {report.get('engine', '?')}" if report else None


def summarize(result: Result, name: str) -> Summary:
    samples, baseline = result.samples[name], result.baseline_samples
    limits = result.limit.by_round if result.limit else {}
    is_copy = any("returnSeconds" in sample for sample in samples)
    return Summary(
        name=name,
        x_return=paired(baseline, samples, "returnSeconds"),
        x_disk=paired(baseline, samples, "diskSeconds"),
        cpu_ratio=paired(samples, baseline, "cpuSeconds"),
        slowdown=paired(samples, baseline, "returnSeconds"),
        limit_share=figure([limits[sample["round"]] / sample["diskSeconds"]
                            for sample in samples if is_copy and sample["round"] in limits]),
        return_seconds=median_of(samples, "returnSeconds"),
        disk_seconds=median_of(samples, "diskSeconds"),
        cpu_seconds=median_of(samples, "cpuSeconds"),
        max_resident_bytes=max((sample["maxResidentBytes"] for sample in samples if is_copy), default=None),
        # Pages that left the source's cache meanwhile do not make up for pages added elsewhere.
        pages_added=figure([sample["destinationPages"] + max(0, sample["sourcePagesAdded"])
                            for sample in samples if "destinationPages" in sample]),
        strategies=tuple(sorted({text for sample in samples if (text := _strategy(sample))})),
    )
