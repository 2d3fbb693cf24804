"""The command line of bench/large."""

import argparse
import os
import random
import tempfile
from pathlib import Path

from ..common.errors import BenchmarkError
from ..common.image import FILE_SYSTEMS, file_system_of
from ..common.sizes import GIB, MIB, format_size, parse_size
from . import scenarios

REPOSITORY = Path(__file__).resolve().parents[2]
QUICK_SIZE = 512 * MIB


def _size(text: str) -> int:
    try:
        return parse_size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError(f"not a count from 1 to 100000: {text!r}")
    return int(text)


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench.large", description="Copies of one large file: uringcp beside GNU cp, dd and fio.",
        epilog="As root it works in a fresh file system in an image; otherwise in a new directory.")
    add = parser.add_argument
    add("--scenario", action="append", choices=scenarios.NAMES, help="run only this one (repeatable)")
    add("--only", action="append", metavar="CONTESTANT", default=[],
        help="run only this contestant, named as in the report, beside the baseline and fio (repeatable)")
    add("--rounds", type=_count, help="counted rounds (7)")
    add("--pairs", type=_count, help="counted rounds of the 4 KiB file (200)")
    add("--size", type=_size, help="the large file's size (2G)")
    add("--quick", action="store_true", help="3 rounds, 50 pairs, 512M and fewer scenarios, where not given")
    add("--fs", choices=FILE_SYSTEMS, default="ext4", help="the image's file system (ext4)")
    add("--work", type=Path, metavar="DIRECTORY", help="where the image goes, on a real disk (.build/bench)")
    add("--image-size", type=_size, default=40 * GIB, help="at most; less if the disk is short (40G)")
    add("--no-image", action="store_true", help="work in a new directory, as without root")
    add("--leave", type=_size, default=8 * GIB, help="memory that the ballast leaves (8G)")
    add("--settle", type=float, default=0.5, metavar="SECONDS", help="pause after the sync before a run (0.5)")
    add("--verify-all", action="store_true", help="compare every copy, not only the warm-up round's")
    add("--seed", type=int, help="of the shuffling and the data (random)")
    add("--uringcp", type=Path, metavar="PATH", help="the program (.build/release/uringcp)")
    add("--output", type=Path, metavar="PREFIX", help="of .json and .md (bench/results/large-FS)")
    add("--require", action="store_true", help="exit 1 if a measured target is not met")
    options = parser.parse_args(arguments)

    quick = options.quick
    options.rounds = options.rounds or (3 if quick else 7)
    options.pairs = options.pairs or (50 if quick else 200)
    options.size = options.size or (QUICK_SIZE if quick else 2 * GIB)
    if options.size % (2 * MIB) or options.size < 2 * MIB:
        # dd's O_DIRECT needs whole blocks, and half of the size lies in the sparse file's 256 extents.
        parser.error("--size must be a multiple of 2 MiB")
    if not 0 <= options.settle <= 60:
        parser.error("--settle must be from 0 to 60")
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1 << 31)
    options.uringcp = _program(options.uringcp)
    options.output = options.output or REPOSITORY / "bench" / "results" / f"large-{options.fs}"
    return options


def _program(path: Path | None) -> Path:
    program = (path or REPOSITORY / ".build" / "release" / "uringcp").absolute()
    if not (program.is_file() and os.access(program, os.X_OK)):
        hint = "" if path else "; build it with `swift build -c release`, or say --uringcp PATH"
        raise BenchmarkError(f"no program to measure at {path or '.build/release/uringcp'}{hint}")
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


def describe_remark(options: argparse.Namespace) -> str:
    remarks = []
    if options.quick:
        remarks.append(f"quick run of {format_size(options.size)}, not to be quoted")
    if options.only:
        remarks.append("only some contestants took part")
    return "; ".join(remarks)
