"""append_threads.py FILE TASKS: appends a line per task to one file, on 1,000 threads, under a lock."""

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TextIO

from csv_files import run_timed

THREADS = 1000


def append_line(handle: TextIO, lock: Lock, number: int) -> None:
    line = f"line {number} of the log\n"
    with lock:
        handle.write(line)


def append(path: str, tasks: int) -> dict:
    lock = Lock()
    with open(path, "a") as handle, ThreadPoolExecutor(THREADS) as pool:
        futures = [pool.submit(append_line, handle, lock, number) for number in range(tasks)]
        for future in futures:
            future.result()
    return {"records": tasks}


if __name__ == "__main__":
    run_timed(lambda: append(sys.argv[1], int(sys.argv[2])))
