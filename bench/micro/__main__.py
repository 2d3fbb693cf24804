"""python3 -m bench.micro: see bench/README.md."""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from ..common.errors import BenchmarkError, Interrupted
from ..common.exclusive import only_benchmark_here
from ..common.interrupts import raise_on_ending_signals
from ..common.report import log, table
from .baseline import PATH, Baseline, architecture, compiler_version, read_baseline, write_baseline
from .comparison import Cost, compare
from .counting import count_cost, pieces

PACKAGE = Path(__file__).parent
SWIFT = os.environ.get("SWIFT", "swift")


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench/micro/instructions",
        description="Counts the instructions and allocations of each piece; exits 1 if one became dearer.")
    parser.add_argument("--only", action="append", metavar="PIECE", default=[], help="only this one (repeatable)")
    parser.add_argument("--update", action="store_true", help="store the counts as the baseline")
    return parser.parse_args(arguments)


def _build() -> Path:
    """A release build of MicroWork."""
    command = [SWIFT, "build", "-c", "release", "--package-path", str(PACKAGE)]
    if subprocess.run([*command, "--product", "MicroWork"], stdout=sys.stderr).returncode != 0:
        raise BenchmarkError("MicroWork does not build")
    done = subprocess.run([*command, "--show-bin-path"], capture_output=True, text=True, check=True)
    return Path(done.stdout.strip()) / "MicroWork"


def _chosen(available: list[str], only: list[str]) -> list[str]:
    if unknown := set(only) - set(available):
        raise BenchmarkError(f"no piece {', '.join(sorted(unknown))}; there are: {', '.join(available)}")
    return [name for name in available if not only or name in only]


def _count(program: Path, names: list[str]) -> dict[str, Cost]:
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    costs = {}
    for name in names:
        # Each run makes a directory of its own in it; they go when all have been counted.
        with tempfile.TemporaryDirectory(prefix="uringio-micro-", dir=memory) as directory:
            costs[name] = count_cost(program, name, Path(directory))
        log(f"{name}: {costs[name].instructions:,.0f} instructions, {costs[name].allocations:,.2f} allocations")
    return costs


def _report(costs: dict[str, Cost], baseline: dict[str, Cost]) -> str:
    def row(name: str, cost: Cost) -> list[str]:
        before = baseline.get(name)
        change = f"{cost.instructions / before.instructions - 1:+.1%}" if before and before.instructions else "–"
        stored = [f"{before.instructions:,.0f}", f"{before.allocations:,.2f}"] if before else ["–", "–"]
        return [name, f"{cost.instructions:,.0f}", stored[0], change, f"{cost.allocations:,.2f}", stored[1]]
    return table(["one operation", "instructions", "baseline", "change", "allocations", "baseline"],
                 [row(name, cost) for name, cost in costs.items()])


def _check(options: argparse.Namespace) -> int:
    program = _build()
    available = pieces(program)
    costs = _count(program, _chosen(available, options.only))
    before = read_baseline() or Baseline("", "", {})
    now = Baseline(compiler_version(SWIFT), architecture(), costs)
    print(_report(costs, before.costs))
    if options.update:
        # The other pieces keep what they had, if they are still there.
        kept = {name: cost for name, cost in before.costs.items() if name in available}
        write_baseline(Baseline(now.compiler, now.architecture, {**kept, **costs}))
        log(f"written: {PATH.name}")
        return 0
    if before.costs and before.architecture != now.architecture:
        raise BenchmarkError(f"the baseline was counted on {before.architecture}; make one for here with --update")
    if before.costs and before.compiler != now.compiler:
        log(f"the baseline was counted with {before.compiler}, this with {now.compiler}")
    dearer = compare(costs, before.costs)
    for line in dearer:
        print(line)
    return 1 if dearer else 0


def main() -> int:
    options = _parse(sys.argv[1:])
    raise_on_ending_signals()
    try:
        with only_benchmark_here():
            return _check(options)
    except (BenchmarkError, OSError) as error:
        log(f"bench.micro: {error}")
        return 1
    except Interrupted as interrupted:
        log("bench.micro: interrupted, everything is cleaned up")
        return 128 + interrupted.signal_number


if __name__ == "__main__":
    sys.exit(main())
