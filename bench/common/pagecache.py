"""How much of a file is in the page cache, and putting it in or out."""

import ctypes
import errno
import mmap
import os
from pathlib import Path

from .errors import BenchmarkError
from .sizes import MIB

PAGE = mmap.PAGESIZE
_CACHESTAT = 451  # the same number on every architecture but alpha; Linux 6.5
_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
_libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
_libc.mincore.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p]


class _Range(ctypes.Structure):
    _fields_ = [("offset", ctypes.c_uint64), ("length", ctypes.c_uint64)]


class _Statistics(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("cached", "dirty", "writeback", "evicted", "recently_evicted")]


def resident_pages(path: Path | str) -> int:
    """The file's pages in the page cache."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        statistics = _Statistics()
        everything = _Range(0, 0)  # length 0: to the end
        if _libc.syscall(ctypes.c_long(_CACHESTAT), ctypes.c_int(fd), ctypes.byref(everything),
                         ctypes.byref(statistics), ctypes.c_uint(0)) == 0:
            return statistics.cached
        if ctypes.get_errno() not in (errno.ENOSYS, errno.EPERM, errno.EOPNOTSUPP):
            raise OSError(ctypes.get_errno(), "cachestat", str(path))
        return _resident_by_mincore(fd)
    finally:
        os.close(fd)


def _resident_by_mincore(fd: int) -> int:
    size = os.fstat(fd).st_size
    if size == 0:
        return 0
    address = _libc.mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, fd, 0)
    if address in (None, ctypes.c_void_p(-1).value):
        raise OSError(ctypes.get_errno(), "mmap")
    try:
        pages = (size + PAGE - 1) // PAGE
        vector = ctypes.create_string_buffer(pages)
        if _libc.mincore(address, size, vector) != 0:
            raise OSError(ctypes.get_errno(), "mincore")
        return sum(byte & 1 for byte in vector.raw[:pages])
    finally:
        _libc.munmap(address, size)


def data_extents(path: Path):
    """The file's (start, end) ranges that hold data."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        end, size = 0, os.fstat(fd).st_size
        while end < size:
            try:
                start = os.lseek(fd, end, os.SEEK_DATA)
            except OSError as error:
                if error.errno == errno.ENXIO:  # only a hole is left
                    return
                raise
            end = os.lseek(fd, start, os.SEEK_HOLE)
            yield start, end
    finally:
        os.close(fd)


def fill_cache(path: Path) -> None:
    """Reads the file's data until at least 99 % of it is resident; fails if three readings do not do it.

    One is not always enough: a host that takes memory back makes the kernel give up pages just read.
    """
    for _ in range(3):
        expected = _read_data(path)
        resident = resident_pages(path)
        if resident >= expected * 0.99:
            return
    raise BenchmarkError(f"only {resident} of the source's {expected} pages stay in the page cache: "
                         "too little memory; try a larger --leave")


def _read_data(path: Path) -> int:
    """Reads every byte that is not in a hole; returns how many pages that was."""
    buffer = memoryview(bytearray(MIB))
    pages = 0
    with open(path, "rb", buffering=0) as file:
        for start, end in list(data_extents(path)):
            pages += (end - start + PAGE - 1) // PAGE
            file.seek(start)
            left = end - start
            while left > 0:
                count = file.readinto(buffer[:min(left, MIB)])
                if not count:
                    raise BenchmarkError("the source is shorter than its extents")
                left -= count
    return pages


def empty_cache(path: Path) -> None:
    """Drops the file from the page cache; fails if a page of it stays."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
        for _ in range(10):
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            if resident_pages(path) == 0:
                return
            os.sync()  # a page under writeback or in a per-CPU batch is skipped; it is free after this
        raise BenchmarkError(f"{resident_pages(path)} pages of the source do not leave the page cache")
    finally:
        os.close(fd)
