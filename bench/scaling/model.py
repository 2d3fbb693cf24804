"""Seconds of a copy = fixed + files x per file + bytes x per byte."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Point:
    files: int
    byte_count: int
    seconds: float


@dataclass(frozen=True)
class Model:
    fixed: float
    per_file: float
    per_byte: float

    def seconds(self, files: int, byte_count: int) -> float:
        return self.fixed + files * self.per_file + byte_count * self.per_byte

    def as_json(self) -> dict:
        return asdict(self)


def fit(points: Sequence[Point]) -> Model:
    """The least relative squares: a point of ten seconds counts for no more than one of a tenth.

    What would be less than nothing (noise, where it hardly matters) is nothing, and the rest is fitted again.
    """
    free = [0, 1, 2]
    while True:
        solution = _solve(points, free)
        negative = [index for index, value in zip(free, solution) if value < 0]
        if not negative:
            values = dict(zip(free, solution))
            return Model(*(values.get(index, 0.0) for index in range(3)))
        free = [index for index in free if index not in negative]


def _solve(points: Sequence[Point], free: list[int]) -> list[float]:
    rows = []
    for point in points:
        whole = (1.0, float(point.files), float(point.byte_count))
        # Scaled by the time, and so that all columns are of one order.
        rows.append([whole[index] / point.seconds for index in free])
    scales = [max(abs(row[column]) for row in rows) for column in range(len(free))]
    rows = [[value / scale for value, scale in zip(row, scales)] for row in rows]
    size = len(free)
    matrix = [[sum(row[i] * row[j] for row in rows) for j in range(size)] + [sum(row[i] for row in rows)]
              for i in range(size)]
    for column in range(size):  # Gauss and Jordan, the largest first
        pivot = max(range(column, size), key=lambda row: abs(matrix[row][column]))
        matrix[column], matrix[pivot] = matrix[pivot], matrix[column]
        for row in range(size):
            if row != column:
                factor = matrix[row][column] / matrix[column][column]
                matrix[row] = [a - factor * b for a, b in zip(matrix[row], matrix[column])]
    return [matrix[index][size] / matrix[index][index] / scales[index] for index in range(size)]
