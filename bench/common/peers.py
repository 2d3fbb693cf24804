"""Other people's copiers: which are installed, what they are called, and what keeps a copy from being a clone."""

import shutil
from collections.abc import Iterable
from pathlib import Path

RUST_CP = "rust-coreutils-cp"  # what a command calls it; its own name is cp

# Debian's rust-coreutils leaves the names on the path to GNU's.
_ELSEWHERE = {RUST_CP: Path("/usr/lib/cargo/bin/coreutils/cp")}

# File systems on which GNU cp's default is a clone, which would be compared with copies of bytes.
_CLONING = ("xfs", "btrfs")


def copies_chunks(file_system: str) -> bool:
    """Whether copiers must be told not to clone for a comparison of copied bytes."""
    return file_system in _CLONING


def never_clone(file_system: str) -> tuple[str, ...]:
    """The option that says so, for those that have GNU cp's."""
    return ("--reflink=never",) if copies_chunks(file_system) else ()


def path_of(program: str) -> str | None:
    """None if it is not installed."""
    elsewhere = _ELSEWHERE.get(program)
    if elsewhere is None:
        return shutil.which(program)
    return str(elsewhere) if elsewhere.exists() else None


def missing(programs: Iterable[str]) -> list[str]:
    return [program for program in programs if path_of(program) is None]


def paths_elsewhere() -> dict[str, str]:
    """Of the installed ones that are not on the path, by what a command calls them."""
    return {program: path for program in _ELSEWHERE if (path := path_of(program))}
