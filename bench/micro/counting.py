"""Counts what a piece of MicroWork costs, under valgrind."""

import os
import re
import subprocess
from pathlib import Path

from ..common.errors import BenchmarkError
from .comparison import Cost

# What both counts have in common, starting among it, is not of the operations.
_COUNTS = 1000, 5000
# Sets and dictionaries with a seed of their own in each process would differ from run to run.
_ENVIRONMENT = {**os.environ, "SWIFT_DETERMINISTIC_HASHING": "1", "LC_ALL": "C"}


def pieces(program: Path) -> list[str]:
    return _run([str(program), "--list"]).stdout.split()


def count_cost(program: Path, piece: str, directory: Path) -> Cost:
    """Of one operation; files are made in `directory`."""
    def each(count) -> float:
        few, many = (count(program, piece, times, directory) for times in _COUNTS)
        return (many - few) / (_COUNTS[1] - _COUNTS[0])
    return Cost(instructions=each(_instructions), allocations=each(_allocations))


def _instructions(program: Path, piece: str, times: int, directory: Path) -> int:
    done = _valgrind(["--tool=callgrind", "--callgrind-out-file=/dev/null"], program, piece, times, directory)
    return _number(r"Collected : (\d+)", done, piece)


def _allocations(program: Path, piece: str, times: int, directory: Path) -> int:
    done = _valgrind(["--tool=memcheck", "--leak-check=no", "--undef-value-errors=no"],
                     program, piece, times, directory)
    return _number(r"total heap usage: ([\d,]+) allocs", done, piece)


def _valgrind(tool: list[str], program: Path, piece: str, times: int, directory: Path) -> str:
    # Threads in turn: how often one waits for another then depends less on the machine.
    return _run(["valgrind", "--fair-sched=yes", *tool, str(program), piece, str(times), str(directory)]).stderr


def _number(pattern: str, text: str, piece: str) -> int:
    match = re.search(pattern, text)
    if match is None:
        raise BenchmarkError(f"{piece}: valgrind's summary has no {pattern!r}:\n{text[-2000:]}")
    return int(match[1].replace(",", ""))


def _run(command: list[str]) -> subprocess.CompletedProcess:
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=_ENVIRONMENT)
    except FileNotFoundError as error:
        raise BenchmarkError(f"{command[0]} is not here: {error}") from None
    if done.returncode != 0:
        raise BenchmarkError(f"{' '.join(command)} exited with {done.returncode}:\n{done.stderr[-2000:]}")
    return done
