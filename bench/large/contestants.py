"""The programs compared, each as a name and a command."""

from dataclasses import dataclass

from ..common.peers import RUST_CP, copies_chunks, missing, never_clone, path_of, paths_elsewhere

SOURCE, DESTINATION = "SOURCE", "DESTINATION"

AUTO = "uringcp"
PRESERVING = "uringcp -p"
BYPASS = "uringcp --cache bypass"
KEEP = "uringcp --cache keep"
THREADS = "uringcp --engine threads"
SEQUENTIAL = "uringcp --engine sequential"
URING = "uringcp --engine uring"

@dataclass(frozen=True)
class Contestant:
    name: str
    command: tuple[str, ...]  # with SOURCE and DESTINATION in it; the first word is the program's name

    @property
    def is_uringcp(self) -> bool:
        return self.command[0] == "uringcp"

    def arguments(self, programs: dict[str, str], source: str, destination: str) -> list[str]:
        filled = {SOURCE: source, DESTINATION: destination}
        parts = [programs.get(self.command[0], self.command[0]), *self.command[1:]]
        for name, value in filled.items():
            parts = [part.replace(name, value) for part in parts]
        return parts


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
    never = never_clone(file_system)
    baseline = [_cp(*never)] if never else [_cp(), _cp("--reflink=never")]
    return [*baseline, _dd(*(("conv=sparse",) if sparse else ())), *(_peers(file_system) if not sparse else []),
            *(_uringcp(name, *never, "--json") for name in names)]


def without_peers(contestants: list[Contestant]) -> list[Contestant]:
    """cp and uringcp alone."""
    return [each for each in contestants if each.command[0] in ("cp", "uringcp")]


def _peers(file_system: str) -> list[Contestant]:
    """Those that are installed. Of a sparse file they would write out the holes."""
    # pv writes to its standard output, and only there.
    peers = {"pv": Contestant("pv", ("sh", "-c", 'exec pv -q "$1" > "$2"', "sh", SOURCE, DESTINATION))}
    if not copies_chunks(file_system):
        # 0.0.17 clones whatever --reflink=never says.
        peers[RUST_CP] = Contestant("rust-coreutils cp", (RUST_CP, SOURCE, DESTINATION))
    return [peer for program, peer in peers.items() if path_of(program)]


def missing_peers() -> list[str]:
    return missing((RUST_CP, "pv"))


def program_paths(uringcp: str) -> dict[str, str]:
    return {"uringcp": uringcp, **paths_elsewhere()}


def clone_contestants() -> list[Contestant]:
    return [_cp("--reflink=auto"), _uringcp(AUTO, "--json")]


def small_contestants(file_system: str) -> list[Contestant]:
    """Without --json: start-up time is what is measured."""
    if copies_chunks(file_system):
        return [_cp("--reflink=never"), _uringcp(AUTO, "--reflink=never")]
    return [_cp(), _cp("--reflink=never"), _uringcp(AUTO)]
