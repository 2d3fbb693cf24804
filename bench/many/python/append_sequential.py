"""append_sequential.py FILE LINES [--flush]: appends lines to one file in a loop.

With --flush each line is in the file, for every other program to see, before the next one is written.
"""

import sys

from csv_files import run_timed


def append(path: str, lines: int, flush: bool) -> dict:
    with open(path, "a") as handle:
        for number in range(lines):
            handle.write(f"line {number} of the log\n")
            if flush:
                handle.flush()
    return {"records": lines}


if __name__ == "__main__":
    run_timed(lambda: append(sys.argv[1], int(sys.argv[2]), "--flush" in sys.argv[3:]))
