"""Two benchmarks at once measure each other, and two ballasts run the machine out of memory."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from .errors import BenchmarkError

# An abstract socket address: no file, no owner, gone with the process.
_ADDRESS = "\0swift-uring-io-bench"


@contextmanager
def only_benchmark_here() -> Iterator[None]:
    """Fails if another benchmark of this repository runs on this machine, in whatever checkout."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as lock:
        try:
            lock.bind(_ADDRESS)
        except OSError:
            raise BenchmarkError("another benchmark is running on this machine") from None
        yield
