"""save_pool.py DIRECTORY FILES LINES VALUES: saves the CSV files with a pool of 8 processes."""

import os
import sys
from concurrent.futures import ProcessPoolExecutor

from csv_files import batches, run_timed, save_file

PROCESSES = 8


def save_batch(directory: str, numbers: list[int], lines: int, values: int) -> int:
    for number in numbers:
        save_file(directory, number, lines, values)
    return len(numbers)


def save(directory: str, files: int, lines: int, values: int) -> dict:
    os.makedirs(directory, exist_ok=True)
    with ProcessPoolExecutor(PROCESSES) as pool:
        futures = [pool.submit(save_batch, directory, batch, lines, values)
                   for batch in batches(list(range(files)), PROCESSES)]
        return {"files": sum(future.result() for future in futures)}


if __name__ == "__main__":
    run_timed(lambda: save(sys.argv[1], *map(int, sys.argv[2:5])))
