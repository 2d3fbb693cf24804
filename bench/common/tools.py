"""Builds the C programs of this folder."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .errors import BenchmarkError

_SOURCES = Path(__file__).parent


@dataclass(frozen=True)
class Tools:
    ballast: Path
    measure: Path


def build_tools(directory: Path) -> Tools:
    """Compiles into `directory`; takes a fraction of a second, so nothing is cached."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise BenchmarkError("no C compiler (cc, gcc or clang) to build bench/common/*.c with")
    built = {}
    for name in ("ballast", "measure"):
        output = directory / name
        done = subprocess.run(
            [compiler, "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread",
             "-o", str(output), str(_SOURCES / f"{name}.c")],
            capture_output=True, text=True)
        if done.returncode != 0:
            raise BenchmarkError(f"cannot compile bench/common/{name}.c:\n{done.stderr}")
        built[name] = output
    return Tools(**built)
