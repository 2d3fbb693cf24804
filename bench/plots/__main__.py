"""python3 -m bench.plots RESULT.json …: draws each beside its JSON, as a benchmark's run does by itself."""

import json
import sys
from pathlib import Path

from ..common.report import log, write_whole
from .chart import NoMatplotlib, draw


def main(arguments: list[str]) -> int:
    if not arguments or any(each.startswith("-") for each in arguments):
        print("usage: bench.plots RESULT.json …", file=sys.stderr)
        return 2
    try:
        for path in map(Path, arguments):
            write_whole(path.with_suffix(".svg"), draw(json.loads(path.read_text())))
    except (NoMatplotlib, OSError, ValueError) as error:
        log(f"bench.plots: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
