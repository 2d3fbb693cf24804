"""The seed files of the jobs: value = file + line + column, comma separated. Shared by the scripts beside it."""

import json
import os
import time
from collections.abc import Callable


def file_path(directory: str, number: int) -> str:
    return os.path.join(directory, f"data_{number:05d}.csv")


def make_text(number: int, lines: int, values: int) -> str:
    rows = []
    for line in range(lines):
        rows.append(",".join([str(number + line + column) for column in range(values)]))
    return "\n".join(rows) + "\n"


def save_file(directory: str, number: int, lines: int, values: int) -> None:
    with open(file_path(directory, number), "w") as handle:
        handle.write(make_text(number, lines, values))


def load_file(path: str) -> str:
    with open(path) as handle:
        return handle.read()


def paths_in(directory: str) -> list[str]:
    return [os.path.join(directory, name) for name in os.listdir(directory)]


def batches(items: list, count: int) -> list[list]:
    """`items` in at most `count` parts of about the same length."""
    length = max(1, -(-len(items) // count))
    return [items[start:start + length] for start in range(0, len(items), length)]


def run_timed(job: Callable[[], dict]) -> None:
    """Runs the job and prints what it says of itself, with its seconds: without Python's start and end."""
    start = time.perf_counter()
    report = job()
    report["seconds"] = time.perf_counter() - start
    print(json.dumps(report))
