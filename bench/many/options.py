"""The command line of bench/many."""

import argparse
from pathlib import Path

from ..common.options import add_shared_options, built_program, count, settle_shared_options, size
from ..common.sizes import GIB
from .scenarios import NAMES, Counts

_CSV_BYTES = 500_000


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench.many", description="Trees copied, many files loaded and saved, lines appended: uringcp and "
                                       "uringtool beside cp and plain Python programs.",
        epilog="As root it works in fresh file systems in images; otherwise in a new directory.")
    add = parser.add_argument
    add_shared_options(parser, NAMES, "many")
    add("--files", type=count, help="files of 4 KiB in a tree; 2.5 times as many are loaded (20000)")
    add("--csv-files", type=count, help="files of the tutorials' jobs (1000; the real job has 10000)")
    add("--durable-lines", type=count, help="lines appended durably (100000)")
    add("--million", action="store_true", help="also copy a million files, for the memory that takes")
    add("--million-files", type=count, default=Counts.million, help="or so many (1000000)")
    add("--quick", action="store_true", help="3 rounds, 200 files, 20 CSV files, 2000 durable lines, where not given")
    add("--leave", type=size, help="memory that the ballast leaves (8G; more for many CSV files)")
    add("--uringtool", type=Path, metavar="PATH", help="the program (.build/release/uringtool)")
    options = parser.parse_args(arguments)

    quick = options.quick
    options.files = options.files or (200 if quick else Counts.files)
    if options.files < 20:
        parser.error("--files must be at least 20")
    options.csv_files = options.csv_files or (20 if quick else Counts.csv_files)
    options.durable_lines = options.durable_lines or (2_000 if quick else Counts.durable_lines)
    options.leave = options.leave or max(8 * GIB, 2 * GIB + 3 * options.csv_files * _CSV_BYTES)
    settle_shared_options(parser, options, "many")
    options.uringcp = built_program(options.uringcp, "uringcp")
    options.uringtool = built_program(options.uringtool, "uringtool")
    return options


def counts(options: argparse.Namespace) -> Counts:
    return Counts(options.files, options.csv_files, options.durable_lines, options.million_files)
