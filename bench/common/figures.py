"""Medians of paired ratios. A ratio is taken within a round, never between medians."""

import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TypeVar

Contestant = TypeVar("Contestant")

# How far the baseline's slowest round may be from its fastest before a report calls the machine noisy.
NOISE_MAX = 1.5


@dataclass(frozen=True)
class Figure:
    median: float
    minimum: float
    maximum: float
    count: int

    def as_json(self) -> dict:
        return asdict(self)


def figure(values: Sequence[float]) -> Figure | None:
    """None if there are no values."""
    if not values:
        return None
    return Figure(statistics.median(values), min(values), max(values), len(values))


def paired(numerator: Sequence[dict], denominator: Sequence[dict],
           value: str | tuple[str, str]) -> Figure | None:
    """numerator / denominator of a sample's `value`, for each round that both took part in.

    A pair of names takes the first from the numerator and the second from the denominator.
    """
    above, below = (value, value) if isinstance(value, str) else value
    by_round = {sample["round"]: sample for sample in denominator}
    return figure([
        sample[above] / by_round[sample["round"]][below]
        for sample in numerator
        if sample["round"] in by_round and sample.get(above) is not None
        and by_round[sample["round"]].get(below)
    ])


def spread(values: Sequence[float]) -> float:
    """Largest / smallest."""
    return max(values) / min(values) if values and min(values) > 0 else 1.0


def median_of(samples: Sequence[dict], key: str) -> float | None:
    """Of the samples that have it."""
    value = figure([sample[key] for sample in samples if sample.get(key) is not None])
    return value.median if value else None


def noise_warnings(name: str, samples: Sequence[dict], texts: dict[str, str]) -> list[str]:
    """A warning for each of the baseline's times, by key, that spreads too far."""
    warnings = []
    for key, text in texts.items():
        factor = spread([sample[key] for sample in samples if sample.get(key)])
        if factor > NOISE_MAX:
            warnings.append(f"noisy: {name}'s own time {text} spreads by a factor of {factor:.2f}")
    return warnings


def shuffled_rounds(rounds: int, contestants: Callable[[], list[Contestant]],
                    rng: random.Random, warm_up: bool = True) -> Iterator[tuple[int, list[Contestant]]]:
    """Round 0 is the warm-up; each round holds every contestant that is still in, in a new order."""
    for number in range(0 if warm_up else 1, rounds + 1):
        order = list(contestants())
        rng.shuffle(order)
        yield number, order
