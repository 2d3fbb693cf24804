"""The programs compared, each as a name and a command."""

from dataclasses import dataclass

SOURCE, DESTINATION = "SOURCE", "DESTINATION"

AUTO = "uringcp"
BYPASS = "uringcp --cache bypass"
KEEP = "uringcp --cache keep"
THREADS = "uringcp --engine threads"
SEQUENTIAL = "uringcp --engine sequential"
URING = "uringcp --engine uring"

# File systems on which GNU cp's default is a clone, which is compared with our clone and not with chunks.
_CLONING = ("xfs", "btrfs")


@dataclass(frozen=True)
class Contestant:
    name: str
    command: tuple[str, ...]  # with SOURCE and DESTINATION in it; the first word is the program's name

    @property
    def is_uringcp(self) -> bool:
        return self.command[0] == "uringcp"

    def arguments(self, uringcp: str, source: str, destination: str) -> list[str]:
        filled = {SOURCE: source, DESTINATION: destination}
        program = uringcp if self.is_uringcp else self.command[0]
        parts = [program, *self.command[1:]]
        for name, value in filled.items():
            parts = [part.replace(name, value) for part in parts]
        return parts


def copies_chunks(file_system: str) -> bool:
    """Whether both programs must be told not to clone for a comparison of copied bytes."""
    return file_system in _CLONING


def _cp(*options: str) -> Contestant:
    return Contestant(" ".join(("cp", *options)), ("cp", *options, SOURCE, DESTINATION))


def _uringcp(name: str, *extra: str) -> Contestant:
    return Contestant(name, (*name.split(), *extra, SOURCE, DESTINATION))


def _dd(*extra: str) -> Contestant:
    options = ("bs=1M", "iflag=direct", "oflag=direct", *extra)
    return Contestant(" ".join(("dd", *options)),
                      ("dd", f"if={SOURCE}", f"of={DESTINATION}", *options, "status=none"))


def chunk_contestants(file_system: str, names: tuple[str, ...], sparse: bool = False) -> list[Contestant]:
    """The baseline first, then the peers, then uringcp in the ways named."""
    never = ("--reflink=never",) if copies_chunks(file_system) else ()
    baseline = [_cp(*never)] if never else [_cp(), _cp("--reflink=never")]
    return [*baseline, _dd(*(("conv=sparse",) if sparse else ())),
            *(_uringcp(name, *never, "--json") for name in names)]


def without_dd(contestants: list[Contestant]) -> list[Contestant]:
    return [each for each in contestants if each.command[0] != "dd"]


def clone_contestants() -> list[Contestant]:
    return [_cp("--reflink=auto"), _uringcp(AUTO, "--json")]


def small_contestants(file_system: str) -> list[Contestant]:
    """Without --json: start-up time is what is measured."""
    if copies_chunks(file_system):
        return [_cp("--reflink=never"), _uringcp(AUTO, "--reflink=never")]
    return [_cp(), _cp("--reflink=never"), _uringcp(AUTO)]
