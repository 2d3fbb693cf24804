"""The programs compared: how each is called, and what it says of itself."""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from ..common.peers import RUST_CP, copies_chunks, missing, never_clone, path_of, paths_elsewhere

SOURCE, DESTINATION, LIST, TEMPORARY = "SOURCE", "DESTINATION", "LIST", "TEMPORARY"
ENGINES = ("uring", "threads", "sequential")

CP = "cp -r"
CP_ARCHIVE = "cp -a"
FPSYNC = "fpsync"
COPY = "uringcp -r"
ARCHIVE = "uringcp -a"
LOAD, SAVE, APPEND, DURABLE = "uringtool load", "uringtool save", "uringtool append", "uringtool append --durable"
LOAD_KEEP = "uringtool load --keep"

_CORES = len(os.sched_getaffinity(0))

_PYTHON = Path(__file__).parent / "python"


def on_engine(name: str, engine: str) -> str:
    """The contestant `name` with its engine said, rather than chosen by itself."""
    return f"{name} --engine {engine}"


def python(script: str, *options: str) -> str:
    return " ".join((f"python {script}", *options))


@dataclass(frozen=True)
class Contestant:
    name: str
    command: tuple[str, ...]  # with SOURCE, DESTINATION, LIST and TEMPORARY in it; the first word is the program's name
    reports: bool = False  # whether it prints JSON

    @property
    def is_ours(self) -> bool:
        return self.command[0] in ("uringcp", "uringtool")

    def arguments(self, programs: dict[str, str], words: dict[str, str]) -> list[str]:
        program = programs.get(self.command[0], self.command[0])
        return [program, *(words.get(part, part) for part in self.command[1:])]

    def report(self, output: str) -> dict | None:
        return read_report(output) if self.reports else None


def _uringcp(name: str, file_system: str) -> Contestant:
    # Without --json: in a tree it might say something of every file.
    return Contestant(name, (*name.split(), *never_clone(file_system), SOURCE, DESTINATION))


def _peers(file_system: str) -> dict[str, Contestant]:
    """Other parallel copiers, by program. Where copies must not be clones, only those that can be told so."""
    peers = {
        "rsync": Contestant("rsync -a --whole-file",
                            ("rsync", "-a", "--whole-file", f"{SOURCE}/", f"{DESTINATION}/")),
        # rsync for each part of the tree, as many at once as there are cores. It wants whole paths.
        "fpsync": Contestant(FPSYNC, ("sh", "-c", f'exec fpsync -n {_CORES} -f 2000 -t "$3" "$PWD/$1" "$PWD/$2"',
                                        "sh", f"{SOURCE}/", f"{DESTINATION}/", TEMPORARY)),
        "xcp": Contestant("xcp -r", ("xcp", "-r", *never_clone(file_system), SOURCE, DESTINATION)),
    }
    if not copies_chunks(file_system):
        # 0.0.17 clones whatever --reflink=never says.
        peers[RUST_CP] = Contestant("rust-coreutils cp -r", (RUST_CP, "-r", SOURCE, DESTINATION))
        peers["cpz"] = Contestant("cpz", ("cpz", SOURCE, DESTINATION))
        peers["wcp"] = Contestant("wcp", ("wcp", SOURCE, DESTINATION))
    return peers


def missing_peers(file_system: str) -> list[str]:
    return missing(_peers(file_system))


def cp(file_system: str, name: str = CP) -> Contestant:
    return Contestant(name, (*name.split(), *never_clone(file_system), SOURCE, DESTINATION))


def tree_copiers(file_system: str) -> list[Contestant]:
    """cp, which is the baseline, the peers that are installed, and uringcp on every engine."""
    peers = [peer for program, peer in _peers(file_system).items() if path_of(program)]
    return [cp(file_system), *peers, _uringcp(COPY, file_system),
            *(_uringcp(on_engine(COPY, engine), file_system) for engine in ENGINES)]


def archivers(file_system: str) -> list[Contestant]:
    """Those that preserve all metadata: cp, which is the baseline, rsync, and uringcp on every engine."""
    rsync = _peers(file_system)["rsync"]
    return [cp(file_system, CP_ARCHIVE), *([rsync] if path_of("rsync") else []), _uringcp(ARCHIVE, file_system),
            *(_uringcp(on_engine(ARCHIVE, engine), file_system) for engine in ENGINES)]


def minimal_copiers() -> list[Contestant]:
    """Nothing but the system calls (`minimal.c`): what the cores can give."""
    return [Contestant(_minimal(threads), ("minimal", "copy", str(threads), SOURCE, DESTINATION))
            for threads in (1, _CORES)]


def minimal_loaders() -> list[Contestant]:
    return [Contestant(_minimal(threads), ("minimal", "load", str(threads), LIST), reports=True)
            for threads in (1, _CORES)]


def minimal_keepers() -> list[Contestant]:
    return [Contestant(f"{_minimal(threads)} --keep", ("minimal", "keep", str(threads), LIST), reports=True)
            for threads in (1, _CORES)]


def memory_copier(threads: int, byte_count: int) -> Contestant:
    """Bytes from memory to memory, without a file."""
    return Contestant(f"memcpy, {_counted(threads)}", ("minimal", "memory", str(threads), str(byte_count)), reports=True)


def _counted(threads: int) -> str:
    return f"{threads} thread{'s' if threads > 1 else ''}"


def _minimal(threads: int) -> str:
    return f"only the system calls, {_counted(threads)}"


def million_copiers(file_system: str) -> list[Contestant]:
    """Few: every copy of a million files takes 5 GiB of the disk."""
    return [cp(file_system), _uringcp(COPY, file_system), _uringcp(on_engine(COPY, "threads"), file_system)]


def loaders() -> list[Contestant]:
    """The sequential engine, which is the baseline, the others, and the one that is chosen by itself."""
    names = [*(on_engine(LOAD, engine) for engine in reversed(ENGINES)), LOAD]
    return [_loader(name) for name in names]


def _loader(name: str) -> Contestant:
    return Contestant(name, (*name.split(), "--list", LIST, "--0", "--json"), reports=True)


def _python(script: str, *arguments: str, shown: tuple[str, ...] = ()) -> Contestant:
    return Contestant(python(script, *shown), ("python", str(_PYTHON / f"{script}.py"), *arguments), reports=True)


def csv_savers(files: int, lines: int, values: int) -> list[Contestant]:
    counts = tuple(map(str, (files, lines, values)))
    ours = ("--generate", "csv", "--files", counts[0], "--lines", counts[1], "--values", counts[2], "--json")
    return [*(_python(script, DESTINATION, *counts) for script in ("save_sequential", "save_pool")),
            *(Contestant(name, (*SAVE.split(), DESTINATION, *name.split()[2:], *ours), reports=True)
              for name in (SAVE, on_engine(SAVE, "threads")))]


def csv_copiers(file_system: str) -> list[Contestant]:
    return [*(_python(script, SOURCE, DESTINATION) for script in ("copy_sequential", "copy_threads")),
            _uringcp(COPY, file_system)]


def csv_loaders() -> list[Contestant]:
    return [_python("load_sequential", SOURCE), _python("load_pool", SOURCE),
            _python("load_sequential", SOURCE, "--keep", shown=("--keep",)),
            _loader(LOAD), _loader(LOAD_KEEP), *minimal_keepers()]


def _appender(name: str, *options: str) -> Contestant:
    return Contestant(name, ("uringtool", "append", DESTINATION, *name.split()[2:], *options, "--json"), reports=True)


def appenders(lines: int, tasks: int) -> list[Contestant]:
    ours = ("--tasks", str(tasks), "--generate", str(lines))
    return [*(_python(script, DESTINATION, str(lines)) for script in ("append_sequential", "append_threads")),
            _python("append_sequential", DESTINATION, str(lines), "--flush", shown=("--flush",)),
            _appender(APPEND, *ours), *(_appender(on_engine(APPEND, engine), *ours) for engine in ENGINES)]


def durable_appenders(lines: int, tasks: int) -> list[Contestant]:
    ours = ("--tasks", str(tasks), "--generate", str(lines))
    return [_appender(DURABLE, *ours), *(_appender(on_engine(DURABLE, engine), *ours) for engine in ENGINES)]


def read_report(output: str) -> dict | None:
    """The plain members of the JSON object that the output is, or of the last line that is one."""
    for text in (output, *reversed(output.splitlines())):
        try:
            entry = json.loads(text)
        except ValueError:
            continue
        if isinstance(entry, dict):
            return {key: value for key, value in entry.items() if isinstance(value, (bool, int, float, str))}
    return None


def reported(report: dict | None, *names: str) -> float | None:
    """The first of the named members that is a number."""
    for name in names:
        value = (report or {}).get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return value
    return None


def program_paths(uringcp: str, uringtool: str, minimal: str) -> dict[str, str]:
    return {"uringcp": uringcp, "uringtool": uringtool, "python": sys.executable, "minimal": minimal,
            **paths_elsewhere()}
