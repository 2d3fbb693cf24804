"""Making source files, and proving that a copy equals its source."""

import os
import random
from pathlib import Path

from .errors import ContestantFailure
from .pagecache import data_extents
from .sizes import KIB, MIB

_BLOCK = 4 * KIB


def _write_data(fd: int, offset: int, length: int, random_block: bytes) -> None:
    """Writes random bytes whose every MiB begins with its offset, so that no two MiB are equal."""
    done = 0
    while done < length:
        count = min(len(random_block), length - done)
        stamp = (offset + done).to_bytes(16, "little")
        data = memoryview(stamp + random_block[16:])[:count]
        while data:
            written = os.pwrite(fd, data, offset + done)
            data = data[written:]
            done += written


def make_file(path: Path, size: int, seed: int, extents: int | None = None, data: int | None = None) -> None:
    """Makes a file of `size` bytes and fsyncs it.

    Without `extents` it is data throughout; with it, `data` bytes lie in that many equal extents
    spread evenly, each at the start of its share of the file, and the rest is holes; 0 extents make
    the whole file one hole.
    """
    random_block = random.Random(seed).randbytes(MIB)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    try:
        os.ftruncate(fd, size)
        if extents is None:
            _write_data(fd, 0, size, random_block)
        elif extents > 0:
            length = data // extents // _BLOCK * _BLOCK
            stride = size // extents // _BLOCK * _BLOCK
            for index in range(extents):
                _write_data(fd, index * stride, length, random_block)
        os.fsync(fd)
    finally:
        os.close(fd)


def _merged(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def require_equal(source: Path, destination: Path) -> None:
    """Compares byte for byte wherever either file holds data (both are holes elsewhere)."""
    sizes = source.stat().st_size, destination.stat().st_size
    if sizes[0] != sizes[1]:
        raise ContestantFailure(f"the copy holds {sizes[1]} bytes, its source {sizes[0]}")
    ranges = _merged([*data_extents(source), *data_extents(destination)])
    with open(source, "rb", buffering=0) as original, open(destination, "rb", buffering=0) as copy:
        for start, end in ranges:
            while start < end:
                count = min(4 * MIB, end - start)
                expected, found = os.pread(original.fileno(), count, start), os.pread(copy.fileno(), count, start)
                if expected != found or not expected:
                    raise ContestantFailure(f"the copy differs from its source between {start} and {start + count}")
                start += len(expected)
