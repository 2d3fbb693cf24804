"""load_sequential.py DIRECTORY [--keep]: loads a directory's files one after the other.

Each text is let go of when the next is loaded; with --keep all stay in memory to the end.
"""

import sys

from csv_files import load_file, paths_in, run_timed


def load(directory: str, keep: bool) -> dict:
    kept = []
    files = count = 0
    for path in paths_in(directory):
        text = load_file(path)
        files += 1
        count += len(text)
        if keep:
            kept.append(text)
    return {"files": files, "bytes": count}


if __name__ == "__main__":
    run_timed(lambda: load(sys.argv[1], "--keep" in sys.argv[2:]))
