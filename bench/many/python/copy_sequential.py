"""copy_sequential.py SOURCE DESTINATION: copies a directory's files one after the other."""

import os
import shutil
import sys

from csv_files import paths_in, run_timed


def copy(source: str, destination: str) -> dict:
    os.makedirs(destination, exist_ok=True)
    paths = paths_in(source)
    for path in paths:
        shutil.copy(path, destination)
    return {"files": len(paths)}


if __name__ == "__main__":
    run_timed(lambda: copy(sys.argv[1], sys.argv[2]))
