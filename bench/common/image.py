"""A fresh file system for one benchmark run: an image file on a loop device, or a tmpfs, in a private mount namespace.

Why an image: ext4 does not reuse an inode for minutes after a delete and searches past the deleted
ones, and file systems mounted with `discard` keep the device busy after a delete. A new file system
that is dropped whole at the end knows neither.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .errors import BenchmarkError
from .memory import TOUCH_RESERVE, available_memory
from .sizes import GIB, MIB, format_size

# Free space that is never taken from the disk under the image: a full disk stops everything.
RESERVE = 8 * GIB

# Without discards (mount's `nodiscard` below, too): they would punch holes into the image while
# something is timed. ext4 finishes its inode tables at once instead of in the background later.
_MAKE = {
    "ext4": ["mkfs.ext4", "-q", "-E", "nodiscard,lazy_itable_init=0,lazy_journal_init=0"],
    "xfs": ["mkfs.xfs", "-q", "-K"],
    "btrfs": ["mkfs.btrfs", "-q", "-K"],
}
_TMPFS = "tmpfs"
FILE_SYSTEMS = (*_MAKE, _TMPFS)

_MARK = "BENCH_OUTER_MOUNT_NAMESPACE"


def enter_private_mounts(module: str, arguments: list[str]) -> bool:
    """Starts this program again, under the same pid, in a mount namespace of its own; True once there.

    Whatever is mounted there vanishes with its last process, even after SIGKILL. "slave" rather than
    "private": no mount of ours is seen outside, but an umount outside still reaches us, so that we
    keep nobody else's device busy. False if the kernel refuses.
    """
    current = os.readlink("/proc/self/ns/mnt")
    outer = os.environ.pop(_MARK, None)
    if outer is not None:
        return outer != current
    command = ["unshare", "--mount", "--propagation", "slave"]
    if shutil.which(command[0]) is None:
        return False
    if subprocess.run([*command, "true"], capture_output=True).returncode != 0:
        return False
    os.environ[_MARK] = current
    os.execvp(command[0], [*command, sys.executable, "-m", module, *arguments])


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchmarkError(f"{' '.join(command[:1])} failed: {done.stderr.strip()}")
    return done.stdout.strip()


def file_system_of(path: Path) -> str:
    """`ext4`, `xfs`, …; from the mount table, because statfs cannot tell ext4 from ext2."""
    return _run("df", "--output=fstype", str(path)).splitlines()[-1].strip()


def spare_bytes(directory: Path) -> int:
    """What an image in `directory` may take: whole MiB, and nothing of the reserve."""
    status = os.statvfs(directory)
    return (status.f_bavail * status.f_frsize - RESERVE) // MIB * MIB


def is_memory(file_system: str) -> bool:
    """Whether its files are nothing but pages of the page cache: always cached, and on no device."""
    return file_system == _TMPFS


class Workspace:
    """Where the files of a run live. `directory` is valid inside the `with` block."""

    # Whether removing a large copy after its verification is harmless to the next timed run.
    removes_copies = True

    directory: Path
    file_system: str
    description: str

    def free_bytes(self) -> int:
        status = os.statvfs(self.directory)
        return status.f_bavail * status.f_frsize


class DirectoryWorkspace(Workspace):
    """A new directory, for users who may not mount. Nothing in it is removed before the end if the disk
    is large enough for that."""

    def __init__(self, parent: Path, needed_at_least: int, needed_to_keep_all: int):
        self._parent = parent
        self._needed_at_least = needed_at_least
        self._needed_to_keep_all = needed_to_keep_all

    def __enter__(self) -> "DirectoryWorkspace":
        self.directory = Path(tempfile.mkdtemp(prefix="bench-", dir=self._parent))
        self.file_system = file_system_of(self.directory)
        spare = self.free_bytes() - RESERVE
        if spare < self._needed_at_least:
            self.directory.rmdir()
            raise BenchmarkError(f"the work directory's disk can spare {format_size(max(spare, 0))}, "
                                 f"the benchmark needs {format_size(self._needed_at_least)}")
        self.removes_copies = spare < self._needed_to_keep_all
        self.description = f"a new directory on {self.file_system}, no image (needs root), " + (
            "each copy removed after its run (the disk is too small to keep them)"
            if self.removes_copies else "nothing removed before the end")
        return self

    def __exit__(self, *_exception) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)


class _MountedWorkspace(Workspace):
    """Something mounted on a new directory. Needs root and a private mount namespace."""

    def __init__(self, parent: Path):
        self._parent = parent

    def __enter__(self) -> "_MountedWorkspace":
        self.directory = Path(tempfile.mkdtemp(prefix="bench-", dir=self._parent))
        try:
            self._mount()
        except BaseException:
            self._unmount()
            self._remove_directory()
            raise
        return self

    def _mount(self) -> None:
        """Mounts it and describes it."""
        raise NotImplementedError

    def _unmount(self) -> None:
        # A killed copy may hold the mount until its last write has come back.
        for _ in range(50):
            if not os.path.ismount(self.directory):
                return
            if subprocess.run(["umount", str(self.directory)], capture_output=True).returncode == 0:
                return
            time.sleep(0.2)
        subprocess.run(["umount", "--lazy", str(self.directory)], capture_output=True)

    def _remove_directory(self) -> None:
        try:
            self.directory.rmdir()
        except OSError as error:
            print(f"bench: an empty directory could not be removed: {error.strerror}", file=sys.stderr)

    def __exit__(self, *_exception) -> None:
        self._unmount()
        self._remove_directory()


class TmpfsWorkspace(_MountedWorkspace):
    """A new tmpfs, which takes its files' room from the memory that the ballast leaves."""

    file_system = _TMPFS

    def __init__(self, parent: Path, size: int, leave: int):
        """`size` of the `leave` bytes that the runs have."""
        super().__init__(parent)
        self._size = size
        self._leave = leave

    def _mount(self) -> None:
        room = min(self._leave, available_memory()) - TOUCH_RESERVE
        if room < self._size:
            raise BenchmarkError(f"a tmpfs of {format_size(self._size)} does not fit into the {format_size(room)} "
                                 "of memory that there are; see --leave")
        # As many files as fit: without nr_inodes their number would depend on the machine's memory.
        _run("mount", "-t", _TMPFS, "-o", f"size={self._size},nr_inodes=0,mode=755", _TMPFS, str(self.directory))
        self.description = f"a fresh tmpfs of at most {format_size(self._size)}"


class ImageWorkspace(_MountedWorkspace):
    """A new file system in a sparse image."""

    def __init__(self, parent: Path, file_system: str, size: int, needed: int, inodes: int | None = None):
        """`size` at most, `needed` at least; `inodes` for ext4, whose number is fixed when it is made."""
        super().__init__(parent)
        self._size = size
        self._needed = needed
        self._make = [*_MAKE[file_system], *(["-N", str(inodes)] if inodes and file_system == "ext4" else [])]
        self.file_system = file_system

    def _mount(self) -> None:
        image = self.directory.with_suffix(".img")
        device = None
        try:
            size = min(self._size, self._affordable_size())
            with open(image, "xb") as file:
                file.truncate(size)
            device = _run("losetup", "--find", "--show", "--direct-io=on", str(image))
            if Path(f"/sys/block/{Path(device).name}/loop/dio").read_text().strip() != "1":
                raise BenchmarkError("the loop device refuses direct I/O: every byte would be cached twice")
            _run(*self._make, device)
            _run("mount", "-o", "nodiscard", device, str(self.directory))
        finally:
            # Now rather than at the end: a busy loop device goes away with its last user, an open
            # image with its last opener. So nothing stays, however this process ends.
            if device is not None:
                subprocess.run(["losetup", "--detach", device], capture_output=True)
            image.unlink(missing_ok=True)
        self.description = (f"a fresh {self.file_system} in a {format_size(size)} image on "
                            f"{file_system_of(self._parent)}, loop device with direct I/O")

    def _affordable_size(self) -> int:
        affordable = spare_bytes(self._parent)
        if affordable < self._needed:
            raise BenchmarkError(f"the work directory's disk can spare {format_size(max(affordable, 0))}, "
                                 f"the benchmark needs {format_size(self._needed)}")
        if self._size < self._needed:
            raise BenchmarkError(f"an image of {format_size(self._size)} is too small, "
                                 f"the benchmark needs {format_size(self._needed)}")
        return affordable
