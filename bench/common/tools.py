"""Builds the C programs."""

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
    return Tools(**{name: compile_program(_SOURCES / f"{name}.c", directory) for name in ("ballast", "measure")})


def compile_program(source: Path, directory: Path) -> Path:
    """Compiles into `directory`; takes a fraction of a second, so nothing is cached."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise BenchmarkError(f"no C compiler (cc, gcc or clang) to build {source.name} with")
    output = directory / source.stem
    done = subprocess.run(
        [compiler, "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread", "-o", str(output), str(source)],
        capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchmarkError(f"cannot compile {source.name}:\n{done.stderr}")
    return output
