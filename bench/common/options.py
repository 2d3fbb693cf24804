"""Options that every benchmark has, and what their values may be."""

import argparse
import os
import random
import tempfile
from pathlib import Path

from .errors import BenchmarkError
from .image import FILE_SYSTEMS, file_system_of
from .sizes import GIB, parse_size

REPOSITORY = Path(__file__).resolve().parents[2]


def size(text: str) -> int:
    try:
        return parse_size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"not a count from 1 to 1000000: {text!r}")
    return int(text)


def add_shared_options(parser: argparse.ArgumentParser, scenarios: tuple[str, ...], results: str) -> None:
    """What every benchmark has; `results` begins its results' names."""
    add = parser.add_argument
    add("--scenario", action="append", choices=scenarios, help="run only this one (repeatable)")
    add("--only", action="append", metavar="CONTESTANT", default=[],
        help="run only this contestant, named as in the report, beside the baseline (repeatable)")
    add("--rounds", type=count, help="counted rounds (7)")
    add("--short", action="store_true", help="only the scenarios that are run on every file system")
    add("--fs", choices=FILE_SYSTEMS, default="ext4",
        help="the image's file system, or tmpfs, which is no image (ext4)")
    add("--work", type=Path, metavar="DIRECTORY", help="where the image goes, on a real disk (.build/bench)")
    add("--image-size", type=size, default=40 * GIB, help="at most; less if the disk is short (40G)")
    add("--no-image", action="store_true", help="work in a new directory, as without root")
    add("--settle", type=float, metavar="SECONDS", help="pause after the sync before a run (0.5; --quick: 0.1)")
    add("--verify-all", action="store_true", help="compare every result, not only the warm-up round's")
    add("--seed", type=int, help="of the shuffling and the data (random)")
    add("--uringcp", type=Path, metavar="PATH", help="the program (.build/release/uringcp)")
    add("--output", type=Path, metavar="PREFIX", help=f"of .json and .md (bench/results/{results}-FS)")
    add("--require", action="store_true", help="exit 1 if a measured target is not met")


def settle_shared_options(parser: argparse.ArgumentParser, options: argparse.Namespace, results: str) -> None:
    """Checks them and fills in what was not given."""
    options.rounds = options.rounds or (3 if options.quick else 7)
    if options.settle is None:
        options.settle = 0.1 if options.quick else 0.5
    if not 0 <= options.settle <= 60:
        parser.error("--settle must be from 0 to 60")
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1 << 31)
    # A run that is not to be quoted does not replace one that is.
    name = f"{results}-{options.fs}" + ("-quick" if options.quick else "")
    options.output = options.output or REPOSITORY / "bench" / "results" / name


def describe_remark(options: argparse.Namespace) -> str:
    """What makes a run less than a complete one."""
    remarks = []
    if options.quick:
        remarks.append("quick run, not to be quoted")
    if options.short and not options.scenario:
        remarks.append("a selection of the scenarios")
    if options.only:
        remarks.append("only some contestants took part")
    return "; ".join(remarks)


def built_program(path: Path | None, name: str) -> Path:
    """`path`, or the release build of `name`; fails if it cannot be run."""
    program = (path or REPOSITORY / ".build" / "release" / name).absolute()
    if not (program.is_file() and os.access(program, os.X_OK)):
        hint = "" if path else f"; build it with `swift build -c release`, or say --{name} PATH"
        raise BenchmarkError(f"no program to measure at {path or f'.build/release/{name}'}{hint}")
    return program


def work_directory(path: Path | None) -> Path:
    """An existing directory on a real disk."""
    if path is None:
        path = REPOSITORY / ".build" / "bench"
        if not os.access(REPOSITORY, os.W_OK):
            path = Path(os.environ.get("TMPDIR") or tempfile.gettempdir())
    path.mkdir(parents=True, exist_ok=True)
    kind = file_system_of(path)
    if kind in ("tmpfs", "ramfs"):
        raise BenchmarkError(f"the work directory is on {kind}, which is memory; name one on a disk with --work")
    return path.absolute()
