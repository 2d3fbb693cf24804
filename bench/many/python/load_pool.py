"""load_pool.py DIRECTORY: loads a directory's files with 8 processes, each with a thread per file of its part.

The processes return the texts, so that the program that wanted them has them.
"""

import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed

from csv_files import batches, load_file, paths_in, run_timed

PROCESSES = 8


def load_batch(paths: list[str]) -> list[str]:
    with ThreadPoolExecutor(len(paths)) as pool:
        return list(pool.map(load_file, paths))


def load(directory: str) -> dict:
    files = count = 0
    with ProcessPoolExecutor(PROCESSES) as pool:
        futures = [pool.submit(load_batch, batch) for batch in batches(paths_in(directory), PROCESSES)]
        for future in as_completed(futures):
            texts = future.result()
            files += len(texts)
            count += sum(map(len, texts))
    return {"files": files, "bytes": count}


if __name__ == "__main__":
    run_timed(lambda: load(sys.argv[1]))
