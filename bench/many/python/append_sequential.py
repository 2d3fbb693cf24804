"""append_sequential.py FILE LINES: appends lines to one file in a loop."""

import sys

from csv_files import run_timed


def append(path: str, lines: int) -> dict:
    with open(path, "a") as handle:
        for number in range(lines):
            handle.write(f"line {number} of the log\n")
    return {"records": lines}


if __name__ == "__main__":
    run_timed(lambda: append(sys.argv[1], int(sys.argv[2])))
