"""Keeps the host of a virtual machine from deciding a benchmark; ballast.c says why."""

import subprocess
import time

from .errors import BenchmarkError
from .memory import available_memory
from .sizes import MIB, format_size
from .tools import Tools

# A host may need seconds for every GiB it had taken back.
_SECONDS_MAX = 600


class Ballast:
    """Holds all available memory but `leave` bytes from `load` to `unload`; a context manager."""

    def __init__(self, tools: Tools, leave: int):
        self._tools = tools
        self._leave = leave
        self._process: subprocess.Popen | None = None
        self.held = 0
        self.held_most = 0  # for the report, which may be written when it has been put down

    @property
    def is_loaded(self) -> bool:
        return self._process is not None

    def load(self) -> None:
        if self._process is not None:
            return
        size = max(0, available_memory() - self._leave)
        size -= size % MIB
        process = subprocess.Popen([self._tools.ballast, "hold", str(size)],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._process, self.held = process, size
        self.held_most = max(self.held_most, size)
        if process.stdout.readline() != b"ready\n":
            self.unload()
            raise BenchmarkError(f"the ballast could not take {format_size(size)}")

    def unload(self) -> None:
        process, self._process = self._process, None
        self.held = 0
        if process is None:
            return
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()

    def check(self) -> None:
        """Fails if the ballast has died (out of memory): what was measured since is worth nothing."""
        if self._process is not None and self._process.poll() is not None:
            raise BenchmarkError("the ballast process died: too little memory; try a larger --leave")

    def touch(self, size: int) -> float:
        """Takes, touches and frees `size` bytes; returns the seconds it took.

        More than about 0.3 s per GiB means that the host had taken the memory back.
        """
        if size <= 0:
            return 0.0
        start = time.monotonic()
        try:
            done = subprocess.run([self._tools.ballast, "touch", str(size)], timeout=_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            raise BenchmarkError(f"touching {format_size(size)} took more than {_SECONDS_MAX} s") from None
        if done.returncode != 0:
            raise BenchmarkError(f"could not touch {format_size(size)} of memory (status {done.returncode})")
        return time.monotonic() - start

    def __enter__(self) -> "Ballast":
        return self

    def __exit__(self, *_exception) -> None:
        self.unload()
