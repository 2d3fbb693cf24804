"""What the device gives: fio's sequential direct read and write, apart and together.

A copy reads and writes. On a device that serves one stream of requests the two times add up, on
another they overlap, so the limit of a copy cannot be had from the two rates alone: both at once is
measured as well, and decides.
"""

import contextlib
import json
import os
import shutil
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .errors import ContestantFailure
from .measure import child_environment

# Deep and large enough for every device we know; io_uring, as uringcp's own direct path.
_COMMON = ["--direct=1", "--bs=1M", "--iodepth=8", "--ioengine=io_uring", "--thread", "--end_fsync=1",
           "--fallocate=none", "--output-format=json"]
_SECONDS_MAX = 900

# From memory in 4 KiB pages a 1 MiB request has 256 segments, and a device that takes 128 at once gets it in
# two: fio then reads a third as fast as from huge pages, which uringcp's buffers are in.
_HUGE_PAGES = ["--iomem=mmaphuge"]
_HUGE_PAGES_NEEDED = 16  # of 2 MiB: 8 requests of 1 MiB for each of two jobs, and their alignment
_HUGE_PAGES_SETTING = Path("/proc/sys/vm/nr_hugepages")

# Up to this share of the shorter of the two times may overlap before "the times add up" is wrong.
ONE_STREAM_OVERLAP_MAX = 0.15


@dataclass(frozen=True)
class FioRun:
    """One of the three: reads `source`, writes `destination`, or both at once."""

    name: str
    reads: bool
    writes: bool


FIO_RUNS = (FioRun("fio read", True, False), FioRun("fio write", False, True), FioRun("fio both", True, True))


def fio_is_there() -> bool:
    return shutil.which("fio") is not None


def run_fio(run: FioRun, directory: Path, source: str, destination: str, size: int) -> float:
    """Seconds from the first request to the last, fsync included."""
    with _huge_pages() as memory:
        return _run(run, ["fio", *_COMMON, *memory, f"--size={size}"], directory, source, destination, size)


@contextlib.contextmanager
def _huge_pages():
    """Sets huge pages aside for one run of fio; yields its options, none where root or memory is wanting."""
    try:
        before = int(_HUGE_PAGES_SETTING.read_text())
        _HUGE_PAGES_SETTING.write_text(str(before + _HUGE_PAGES_NEEDED))
    except (OSError, ValueError):
        yield []
        return
    try:
        got_all = int(_HUGE_PAGES_SETTING.read_text()) >= before + _HUGE_PAGES_NEEDED
        yield _HUGE_PAGES if got_all else []
    finally:
        _HUGE_PAGES_SETTING.write_text(str(before))


def _run(run: FioRun, command: list[str], directory: Path, source: str, destination: str, size: int) -> float:
    if run.reads:
        command += ["--name=read", "--rw=read", f"--filename={source}"]
    if run.writes:
        # Preallocated, as the copy's destination is.
        fd = os.open(directory / destination, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        try:
            os.posix_fallocate(fd, 0, size)
            os.fsync(fd)
        finally:
            os.close(fd)
        command += ["--name=write", "--rw=write", f"--filename={destination}"]
    try:
        done = subprocess.run(command, cwd=directory, env=child_environment(), capture_output=True, text=True,
                              timeout=_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        raise ContestantFailure(f"did not end within {_SECONDS_MAX} s") from None
    if done.returncode != 0:
        raise ContestantFailure(f"{(done.stderr or done.stdout).strip()}")
    jobs = json.loads(done.stdout[done.stdout.index("{"):])["jobs"]
    seconds = []
    for job in jobs:
        side = job[job["jobname"]]  # the jobs are named after their direction
        if job["error"] or side["io_bytes"] < size:
            raise ContestantFailure(f"fio moved {side['io_bytes']} of {size} bytes, error {job['error']}")
        seconds.append(side["runtime"] / 1000)
    return max(0.001, *seconds)  # fio counts in milliseconds


@dataclass(frozen=True)
class Limit:
    """The shortest time in which the device can read and write a file."""

    read_seconds: float
    write_seconds: float
    both_seconds: float
    overlap: float
    one_stream: bool
    by_round: dict[int, float]

    def as_json(self) -> dict:
        return {"readSeconds": self.read_seconds, "writeSeconds": self.write_seconds,
                "bothSeconds": self.both_seconds, "overlap": self.overlap, "oneStream": self.one_stream,
                "secondsByRound": self.by_round, "text": self.text}

    @property
    def text(self) -> str:
        share = f"{100 * max(self.overlap, 0):.0f} % of the shorter one's time overlapped"
        if self.one_stream:
            return f"the device serves one stream ({share}): the limit is the read time plus the write time"
        return f"the device overlaps reading and writing ({share}): the limit is the time of both at once"


def copy_limit(samples: dict[str, list[dict]]) -> Limit | None:
    """From the samples of the three runs, by name; None unless all three have any."""
    by_round = {name: {sample["round"]: sample["diskSeconds"] for sample in samples.get(name, [])}
                for name in ("fio read", "fio write", "fio both")}
    read, write, both = by_round.values()
    rounds = sorted(read.keys() & write.keys() & both.keys())
    if not rounds:
        return None
    overlap = statistics.median(
        (read[number] + write[number] - both[number]) / min(read[number], write[number]) for number in rounds)
    one_stream = overlap <= ONE_STREAM_OVERLAP_MAX
    limits = {number: read[number] + write[number] if one_stream
              else max(both[number], read[number], write[number]) for number in rounds}
    median = {name: statistics.median(values.values()) for name, values in by_round.items()}
    return Limit(median["fio read"], median["fio write"], median["fio both"], overlap, one_stream, limits)
