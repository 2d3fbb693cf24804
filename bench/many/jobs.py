"""What a run has to do: what it reads, what it makes, and how that is checked."""

from dataclasses import dataclass
from pathlib import Path

from ..common.errors import ContestantFailure
from ..common.sizes import KIB
from .contestants import reported
from .trees import Room, Tree, require_tree


class Job:
    """The default: reads no source, makes nothing."""

    source: Tree | None = None

    def output_room(self) -> Room:
        return Room(0, 0)

    def memory(self) -> int:
        """What a run takes of the free memory, beside the source's pages."""
        return 0

    def check(self, output: Path, report: dict | None, seed: int, every_byte: bool) -> None:
        """Fails if the job was not done; compares everything, or a sample."""


def _require_count(report: dict | None, names: tuple[str, ...], expected: int) -> None:
    """A report that does not say its count is not held against it."""
    count = reported(report, *names)
    if count is not None and count != expected:
        raise ContestantFailure(f"it reports {count:,.0f} {names[0]} instead of {expected:,}")


@dataclass(frozen=True)
class Copy(Job):
    source: Tree

    def output_room(self) -> Room:
        return self.source.room()

    def memory(self) -> int:
        return self.source.memory()

    def check(self, output: Path, report: dict | None, seed: int, every_byte: bool) -> None:
        require_tree(self.source, output, seed, every_byte)


@dataclass(frozen=True)
class Load(Job):
    source: Tree

    def memory(self) -> int:
        return 2 * self.source.memory()  # a program that keeps the files, and its copies of them

    def check(self, output: Path, report: dict | None, seed: int, every_byte: bool) -> None:
        if report is None:
            raise ContestantFailure("it printed no JSON")
        _require_count(report, ("files", "fileCount", "loaded"), self.source.files)
        _require_count(report, ("bytes", "byteCount"), self.source.byte_count())


@dataclass(frozen=True)
class CopyMemory(Job):
    byte_count: int

    def memory(self) -> int:
        return 2 * self.byte_count

    def check(self, output: Path, report: dict | None, seed: int, every_byte: bool) -> None:
        _require_count(report, ("bytes",), self.byte_count)


@dataclass(frozen=True)
class Save(Job):
    tree: Tree

    def output_room(self) -> Room:
        return self.tree.room()

    def memory(self) -> int:
        return self.tree.memory()

    def check(self, output: Path, report: dict | None, seed: int, every_byte: bool) -> None:
        require_tree(self.tree, output, seed, every_byte)


@dataclass(frozen=True)
class Append(Job):
    lines: int

    def output_room(self) -> Room:
        return Room(self.lines * KIB, 1)

    def memory(self) -> int:
        return self.lines * KIB

    def check(self, output: Path, report: dict | None, seed: int, every_byte: bool) -> None:
        if not output.is_file():
            raise ContestantFailure("it made no file")
        content = output.read_bytes()
        if not content.endswith(b"\n") or b"\0" in content:
            raise ContestantFailure("a line is torn, or there are zeros in the file")
        lines = content[:-1].split(b"\n")
        if len(lines) != self.lines:
            raise ContestantFailure(f"the file holds {len(lines):,} lines instead of {self.lines:,}")
        if len(set(lines)) != self.lines or b"" in lines:
            raise ContestantFailure("a line is there twice, or empty")
        _require_count(report, ("records", "recordCount"), self.lines)
