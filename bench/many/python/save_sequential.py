"""save_sequential.py DIRECTORY FILES LINES VALUES: saves the CSV files one after the other."""

import os
import sys

from csv_files import run_timed, save_file


def save(directory: str, files: int, lines: int, values: int) -> dict:
    os.makedirs(directory, exist_ok=True)
    for number in range(files):
        save_file(directory, number, lines, values)
    return {"files": files}


if __name__ == "__main__":
    run_timed(lambda: save(sys.argv[1], *map(int, sys.argv[2:5])))
