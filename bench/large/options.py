"""The command line of bench/large."""

import argparse

from ..common.options import add_shared_options, built_program, count, settle_shared_options, size
from ..common.sizes import GIB, MIB
from . import scenarios

QUICK_SIZE = 256 * MIB


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench.large", description="Copies of one large file: uringcp beside GNU cp, dd and fio.",
        epilog="As root it works in a fresh file system in an image; otherwise in a new directory.")
    add = parser.add_argument
    add_shared_options(parser, scenarios.NAMES, "large")
    add("--pairs", type=count, help="counted rounds of the 4 KiB file (200)")
    add("--size", type=size, help="the large file's size (2G)")
    add("--quick", action="store_true", help="3 rounds, 50 pairs, 256M and fewer scenarios, where not given")
    add("--leave", type=size, default=8 * GIB, help="memory that the ballast leaves (8G)")
    options = parser.parse_args(arguments)

    options.pairs = options.pairs or (50 if options.quick else 200)
    options.size = options.size or (QUICK_SIZE if options.quick else 2 * GIB)
    if options.size % (2 * MIB) or options.size < 2 * MIB:
        # dd's O_DIRECT needs whole blocks, and half of the size lies in the sparse file's 256 extents.
        parser.error("--size must be a multiple of 2 MiB")
    settle_shared_options(parser, options, "large")
    options.uringcp = built_program(options.uringcp, "uringcp")
    return options
