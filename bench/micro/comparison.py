"""Costs beside those of the baseline: what is dearer by more than it may be."""

from dataclasses import asdict, dataclass

# How much dearer than the baseline a piece may be.
TOLERANCE = 0.2
# Few allocations are compared by their number: half a one more on average is one more now and then.
ALLOCATIONS_SPARE = 0.5


@dataclass(frozen=True)
class Cost:
    """Of one operation."""
    instructions: float
    allocations: float

    def as_json(self) -> dict:
        return {name: round(value, 2) for name, value in asdict(self).items()}


def instructions_allowed(baseline: Cost) -> float:
    return baseline.instructions * (1 + TOLERANCE)


def allocations_allowed(baseline: Cost) -> float:
    return max(baseline.allocations * (1 + TOLERANCE), baseline.allocations + ALLOCATIONS_SPARE)


def compare(costs: dict[str, Cost], baseline: dict[str, Cost]) -> list[str]:
    """A line for each cost that is too high, and for each piece that the baseline does not know."""
    lines = []
    for name, cost in costs.items():
        before = baseline.get(name)
        if before is None:
            lines.append(f"{name}: not in the baseline")
            continue
        if cost.instructions > instructions_allowed(before):
            lines.append(f"{name}: {cost.instructions:,.0f} instructions, {_change(cost, before, 'instructions')}")
        if cost.allocations > allocations_allowed(before):
            lines.append(f"{name}: {cost.allocations:,.2f} allocations, {_change(cost, before, 'allocations')}")
    return lines


def _change(cost: Cost, before: Cost, value: str) -> str:
    now, then = getattr(cost, value), getattr(before, value)
    share = f"{now / then - 1:+.0%}, " if then > 0 else ""
    return f"{share}baseline {then:,.{0 if value == 'instructions' else 2}f}"
