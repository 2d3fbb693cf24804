"""What a chart shows of a result's JSON."""

from dataclasses import dataclass

_OURS = ("uringcp", "uringtool")


@dataclass(frozen=True)
class Ratio:
    """The baseline's time / the contestant's, paired by round."""

    median: float
    smallest: float
    largest: float


@dataclass(frozen=True)
class Row:
    name: str
    is_ours: bool
    ratio: Ratio  # in the time that decides
    to_disk: Ratio | None


@dataclass(frozen=True)
class Panel:
    """One scenario."""

    title: str
    baseline: str
    rows: list[Row]  # all but the baseline

    @property
    def span(self) -> tuple[float, float]:
        """Of all ratios and 1."""
        ratios = [each for row in self.rows for each in (row.ratio, row.to_disk) if each]
        return (min(1.0, *(each.smallest for each in ratios)), max(1.0, *(each.largest for each in ratios)))


def _ratio(summary: dict, name: str) -> Ratio | None:
    figure = summary.get(name)
    return Ratio(figure["median"], figure["minimum"], figure["maximum"]) if figure else None


def panel(scenario: dict) -> Panel | None:
    """None if nobody was compared."""
    deciding = "xInside" if scenario.get("decides") == "insideSeconds" else "xReturn"
    rows = []
    for contestant in scenario["contestants"]:
        ratio = _ratio(contestant["summary"], deciding)
        if ratio is None or contestant["name"] == scenario["baseline"]:
            continue
        is_ours = contestant["name"].split()[0] in _OURS
        rows.append(Row(contestant["name"], is_ours, ratio, _ratio(contestant["summary"], "xDisk")))
    return Panel(scenario["title"], scenario["baseline"], rows) if rows else None


def panels(document: dict) -> list[Panel]:
    return [each for scenario in document["scenarios"] if (each := panel(scenario))]
