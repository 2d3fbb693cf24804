"""Where scenarios work: a fresh image for each, a fresh tmpfs, or a part of one new directory.

An image is given up as soon as its next round would not fit, and a new one takes its place, so that nothing
is ever deleted from a file system that is timed. Only a tmpfs, which remembers nothing of what was deleted and
has less room, keeps no results.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..common.errors import BenchmarkError
from ..common.image import DirectoryWorkspace, ImageWorkspace, TmpfsWorkspace, spare_bytes
from ..common.sizes import GIB, MIB, format_size
from .scenarios import Scenario
from .trees import Room

# A disk mounted with `discard` is busy for a while after an image was given up.
_SETTLE_SECONDS = 3.0


@dataclass(frozen=True)
class Place:
    directory: Path
    description: str
    keeps_results: bool = True


def _with_slack(room: Room) -> int:
    """Bytes: a file system that is nearly full looks for free blocks longer, and inode tables take room."""
    return (room.size + room.size // 4 + 512 * room.inodes + GIB) // MIB * MIB


class Images:
    def __init__(self, parent: Path, file_system: str, size_max: int):
        self._parent = parent
        self._size_max = size_max
        self._opened = 0
        self.file_system = file_system
        self.description = f"a fresh {file_system} image for each scenario, loop device with direct I/O"

    def fits(self, scenario: Scenario, rounds: int) -> bool:
        return _with_slack(scenario.room(rounds)) <= min(self._size_max, spare_bytes(self._parent))

    @contextmanager
    def fresh(self, scenario: Scenario, rounds: int) -> Iterator[Place]:
        if self._opened:
            os.sync()
            time.sleep(_SETTLE_SECONDS)
        self._opened += 1
        room = scenario.room(rounds)
        size = _with_slack(room)
        if size > self._size_max:
            raise BenchmarkError(f"one round needs an image of {format_size(size)}; see --image-size")
        inodes = room.inodes + room.inodes // 10 + 1000
        with ImageWorkspace(self._parent, self.file_system, size, size, inodes) as workspace:
            yield Place(workspace.directory, workspace.description)


class Memory:
    """A tmpfs for each scenario, in the memory that the ballast leaves."""

    file_system = TmpfsWorkspace.file_system
    description = "a fresh tmpfs for each scenario, each result removed after its run"

    def __init__(self, parent: Path, leave: int):
        self._parent = parent
        self._leave = leave

    def fits(self, _scenario: Scenario, _rounds: int) -> bool:
        return True

    @contextmanager
    def fresh(self, scenario: Scenario, _rounds: int) -> Iterator[Place]:
        with TmpfsWorkspace(self._parent, _with_slack(scenario.room_at_once()), self._leave) as workspace:
            yield Place(workspace.directory, workspace.description, keeps_results=False)


class Directories:
    """For users who may not mount. Everything stays until the end; the disk must be large enough for it."""

    def __init__(self, workspace: DirectoryWorkspace):
        self._workspace = workspace
        self._opened = 0
        self.file_system = workspace.file_system
        self.description = workspace.description

    def fits(self, _scenario: Scenario, _rounds: int) -> bool:
        return True

    @contextmanager
    def fresh(self, _scenario: Scenario, _rounds: int) -> Iterator[Place]:
        self._opened += 1
        directory = self._workspace.directory / f"part-{self._opened}"
        directory.mkdir()
        yield Place(directory, self.description)


Places = Images | Memory | Directories


def directory_workspace(parent: Path, rooms: list[Room]) -> DirectoryWorkspace:
    needed = sum(map(_with_slack, rooms))
    return DirectoryWorkspace(parent, needed, needed)
