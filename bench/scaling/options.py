"""The command line of bench/scaling."""

import argparse
from pathlib import Path

from ..common.options import add_shared_options, built_program, settle_shared_options, size
from ..common.sizes import GIB
from .points import Counts


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench.scaling", description="How copying a tree scales with files and bytes: a model, its check, its "
                                          "bends.",
        epilog="As root it works in fresh file systems in images; otherwise in a new directory.")
    add_shared_options(parser, tuple(_names(Counts())), "scaling")
    parser.add_argument("--quick", action="store_true", help="3 rounds of a fiftieth of the files: to try")
    parser.add_argument("--leave", type=size, default=10 * GIB, help="memory that the ballast leaves (10G)")
    options = parser.parse_args(arguments)
    options.rounds = options.rounds or 3
    settle_shared_options(parser, options, "scaling")
    options.uringcp = built_program(options.uringcp, "uringcp")
    options.uringtool = Path("uringtool")
    return options


def counts(options: argparse.Namespace) -> Counts:
    return Counts().scaled(50) if options.quick else Counts()


def _names(counts: Counts) -> list[str]:
    return [*(f"small-{count}" for count in counts.small), *(f"large-{count}" for count in counts.large),
            *(f"flat-{count}" for count in counts.flat), "workers", "memory", "memory-alone"]
