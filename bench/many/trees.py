"""Trees of files: what is in them, making them, bringing them into a cache state, comparing copies."""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..common.errors import BenchmarkError, ContestantFailure
from ..common.pagecache import PAGE, resident_pages
from ..common.sizes import KIB, MIB
from .layouts import FLAT, Layout

# Files whose pages are counted to prove that nothing is cached: asking about one reads in a part of its directory.
_SAMPLE = 64
_READINGS_MAX = 10


@dataclass(frozen=True)
class Room:
    """What something takes of a file system."""

    size: int
    inodes: int

    def __add__(self, other: "Room") -> "Room":
        return Room(self.size + other.size, self.inodes + other.inodes)

    def times(self, count: int) -> "Room":
        return Room(self.size * count, self.inodes * count)


@dataclass(frozen=True)
class Tree:
    """`files` files of `size` bytes, spread over the directories of its layout."""

    name: str
    files: int
    size: int
    layout: Layout = FLAT

    def file_names(self) -> Iterator[str]:
        for index in range(self.files):
            yield f"{self.layout.directory_of(index, self.files)}file-{index:07}"

    def directory_names(self) -> tuple[str, ...]:
        """Each after its parent."""
        return self.layout.names

    @property
    def directories(self) -> int:
        return len(self.layout.names)

    def contents(self, seed: int) -> Iterator[bytes]:
        """Of each file in turn. No two are equal, unless they are shorter than their numbers."""
        block = random.Random(seed).randbytes(self.size)
        for index in range(self.files):
            yield (index.to_bytes(8, "little") + block)[:self.size]

    def byte_count(self) -> int:
        return self.files * self.size

    def room(self) -> Room:
        """With an inode and a name for each file, a block for each directory, and what extents and logs want."""
        blocks = -(-self.size // (4 * KIB)) * 4 * KIB
        return Room(self.files * (blocks + blocks // 16 + KIB // 2) + self.directories * 4 * KIB,
                    self.files + self.directories + 1)

    def memory(self) -> int:
        """Of the page cache and the kernel's own structures when all of it is cached."""
        return self.files * (-(-self.size // PAGE) * PAGE + 3 * KIB) + self.directories * (PAGE + 3 * KIB)


@dataclass(frozen=True)
class CSVTree(Tree):
    """The tutorials' files: value = file + line + column. `size` is about that of each."""

    lines: int = 10_000
    values: int = 10

    def file_names(self) -> Iterator[str]:
        return (f"data_{index:05}.csv" for index in range(self.files))

    def contents(self, seed: int) -> Iterator[bytes]:
        rows = _csv_rows(self.files + self.lines, self.values)
        for index in range(self.files):
            yield b"".join(rows[index:index + self.lines])

    def byte_count(self) -> int:
        rows = [len(row) for row in _csv_rows(self.files + self.lines, self.values)]
        count = total = sum(rows[:self.lines])
        for index in range(1, self.files):
            count += rows[index + self.lines - 1] - rows[index - 1]
            total += count
        return total


@cache
def _csv_rows(count: int, values: int) -> list[bytes]:
    """A row depends on the sum of file and line alone."""
    return [b",".join(b"%d" % (first + column) for column in range(values)) + b"\n" for first in range(count)]


def make_tree(tree: Tree, parent: Path, seed: int) -> Path:
    root = parent / tree.name
    root.mkdir()
    prefix = f"{root}/"
    for name in tree.directory_names():
        os.mkdir(prefix + name)
    for name, content in zip(tree.file_names(), tree.contents(seed)):
        fd = os.open(prefix + name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        try:
            while content:
                content = content[os.write(fd, content):]
        finally:
            os.close(fd)
    return root


def _sample(names: list[str]) -> list[str]:
    return random.Random(len(names)).sample(names, min(_SAMPLE, len(names)))


def _pages_of(path: str) -> int:
    return -(-os.stat(path).st_size // PAGE)


def warm_tree(tree: Tree, root: Path) -> None:
    """Lists every directory, stats and reads every file; fails if not all of them stay resident."""
    prefix = f"{root}/"
    names = list(tree.file_names())
    buffer = memoryview(bytearray(MIB))
    for _ in range(_READINGS_MAX):  # a host that takes memory back makes the kernel give up pages just read
        for directory in ("", *tree.directory_names()):
            os.listdir(prefix + directory)
        for name in names:
            os.stat(prefix + name)
            with open(prefix + name, "rb", buffering=0) as file:
                while file.readinto(buffer):
                    pass
        missing = missing_pages(tree, root)
        if missing == 0:
            return
    raise BenchmarkError(f"{missing} pages of {len(names)} files do not stay in the page cache: too little memory; "
                         "try a larger --leave")


def missing_pages(tree: Tree, root: Path) -> int:
    """How many pages of the tree's files are not resident."""
    paths = [f"{root}/{name}" for name in tree.file_names()]
    return sum(max(0, _pages_of(path) - resident_pages(path)) for path in paths)


def drop_all_caches() -> bool:
    """Pages, names and inodes of every file system; False if only root may."""
    os.sync()
    try:
        Path("/proc/sys/vm/drop_caches").write_text("3\n")
    except OSError:
        return False
    return True


def drop_pages(root: Path) -> None:
    """The pages of the files below `root` that are not dirty; their names and inodes stay."""
    paths = [str(root)] if root.is_file() else (
        f"{root}/{name}" for name, size in _sizes_below(root).items() if size >= 0)
    for path in paths:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(fd)


def require_cold(tree: Tree, root: Path) -> None:
    """Fails if a page of a sample of the files is resident."""
    resident = sum(resident_pages(root / name) for name in _sample(list(tree.file_names())))
    if resident:
        raise BenchmarkError(f"{resident} pages of the source do not leave the page cache")


def _sizes_below(root: Path) -> dict[str, int]:
    """The size of every file, by its path below `root`; a directory has -1, anything else -2."""
    found: dict[str, int] = {}
    waiting = [""]
    while waiting:
        directory = waiting.pop()
        with os.scandir(f"{root}/{directory}") as entries:
            for entry in entries:
                name = directory + entry.name
                if entry.is_dir(follow_symlinks=False):
                    found[name] = -1
                    waiting.append(name + "/")
                elif entry.is_file(follow_symlinks=False):
                    found[name] = entry.stat(follow_symlinks=False).st_size
                else:
                    found[name] = -2
    return found


def require_tree(tree: Tree, root: Path, seed: int, every_byte: bool) -> None:
    """Fails if `root` does not hold exactly the tree's files and directories, each of its size; compares
    the bytes of all files, or of a sample."""
    if not root.is_dir():
        raise ContestantFailure("it made no directory")
    names = list(tree.file_names())
    found = _sizes_below(root)
    expected = {*names, *tree.directory_names()}
    if found.keys() != expected:
        missing, strange = len(expected - found.keys()), len(found.keys() - expected)
        raise ContestantFailure(f"of {len(expected)} entries {missing} are missing, {strange} are strange")
    if any(found[name] != -1 for name in tree.directory_names()):
        raise ContestantFailure("a directory became a file")
    compared = None if every_byte else set(_sample(names))
    exact, prefix = not isinstance(tree, CSVTree), f"{root}/"
    for name, content in zip(names, tree.contents(seed)):
        if exact and found[name] != tree.size:
            raise ContestantFailure(f"{name} holds {found[name]} bytes instead of {tree.size}")
        if compared is None or name in compared:
            with open(prefix + name, "rb", buffering=0) as file:
                if file.readall() != content:
                    raise ContestantFailure(f"{name} differs from what it should hold")
