"""copy_threads.py SOURCE DESTINATION: copies a directory's files with a pool of 100 threads."""

import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor

from csv_files import paths_in, run_timed

THREADS = 100


def copy(source: str, destination: str) -> dict:
    os.makedirs(destination, exist_ok=True)
    paths = paths_in(source)
    with ThreadPoolExecutor(THREADS) as pool:
        futures = [pool.submit(shutil.copy, path, destination) for path in paths]
        for future in futures:
            future.result()
    return {"files": len(paths)}


if __name__ == "__main__":
    run_timed(lambda: copy(sys.argv[1], sys.argv[2]))
