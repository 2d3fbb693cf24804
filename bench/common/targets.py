"""Figures that must hold, and whether they do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from .figures import Figure
from .report import table, with_range

Results = TypeVar("Results")


@dataclass(frozen=True)
class Verdict:
    target: str
    bound: str
    figure: Figure | None
    met: bool | None  # None: not measured

    def as_json(self) -> dict:
        return {"target": self.target, "bound": self.bound, "met": self.met,
                "figure": self.figure.as_json() if self.figure else None}


@dataclass(frozen=True)
class Target(Generic[Results]):
    text: str
    bound: str  # as the report prints it
    measure: Callable[[Results], Figure | None]
    holds: Callable[[Figure], bool]

    def judge(self, results: Results) -> Verdict:
        measured = self.measure(results)
        return Verdict(self.text, self.bound, measured, self.holds(measured) if measured else None)


def at_least(text: str, bound: float, unit: str, measure) -> Target:
    """The median is at least `bound`."""
    return Target(text, f"≥ {bound:g}{unit}", measure, lambda value: value.median >= bound)


def at_most(text: str, bound: float, unit: str, measure) -> Target:
    """The median is at most `bound`."""
    return Target(text, f"≤ {bound:.3g}{unit}", measure, lambda value: value.median <= bound)


def verdict_table(verdicts: list[Verdict]) -> str:
    words = {True: "met", False: "not met", None: "not measured"}
    rows = [[verdict.target, verdict.bound, with_range(verdict.figure), words[verdict.met]] for verdict in verdicts]
    return table(["target", "bound", "figure (smallest–largest)", "verdict"], rows, left=("verdict",))
