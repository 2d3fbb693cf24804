"""What is copied, from which state, by whom."""

from dataclasses import dataclass
from pathlib import Path

from ..common.files import make_file
from ..common.image import is_memory
from ..common.peers import copies_chunks
from ..common.sizes import KIB, MIB, TIB, format_size
from . import contestants as who
from .contestants import Contestant

SMALL = 4 * KIB
HOLE = 1 * TIB
SPARSE_EXTENTS = 256

MEDIUM = (5, 30, 200)  # MiB
MEDIUM_NAMES = tuple(f"medium-{size}{state}" for size in MEDIUM for state in ("", "-uncached"))

NAMES = ("cached", "uncached", "sparse-cached", "sparse-uncached", "hole", "small", *MEDIUM_NAMES, "clone",
         "unballasted")
QUICK_NAMES = ("cached", "uncached", "hole", "small", "clone")
SHORT_NAMES = ("cached", "uncached", "sparse-cached", "small", "medium-30", "medium-30-uncached", "clone")


@dataclass(frozen=True)
class Source:
    """A file to copy: `data` bytes of data in `size` bytes of file."""

    name: str
    size: int
    data: int
    extents: int | None = None

    def path(self, directory: Path) -> Path:
        return directory / self.name

    def make(self, directory: Path, seed: int) -> Path:
        path = self.path(directory)
        if not path.exists():
            make_file(path, self.size, seed, self.extents, self.data)
        return path


@dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    source: Source
    contestants: list[Contestant]  # the baseline first
    cached: bool | None  # True: read in before each run, False: dropped before each run, None: as it is
    ballast: bool = True
    synced: bool = True  # whether the time to disk is taken; each run then starts after a sync
    keeps_holes: bool = False  # a copy by uringcp that takes more room than its source is wrong
    many_pairs: bool = False  # --pairs rounds instead of --rounds
    fio: bool = False

    @property
    def baseline(self) -> Contestant:
        return self.contestants[0]

    @property
    def baselines(self) -> tuple[str, ...]:
        return (self.baseline.name,)

    def memory_to_touch(self) -> int:
        """What a run will take from the free memory, and a share for the kernel's own structures.

        The destination's pages and the source's; 5.5 GiB for 2 GiB.
        """
        return self.source.data * 11 // 4 if self.ballast and self.synced else 0

    def blocks_max(self, source_blocks: int) -> int:
        """Blocks of 512 bytes that a copy with its holes kept may take; the slack is for extent trees."""
        return source_blocks + (source_blocks // 100 + 4096 if self.source.data else 0)

    def space_needed(self, rounds: int) -> int:
        """Disk space if no copy is removed."""
        return self.source.data * len(self.contestants) * (rounds + 1)


def make_scenarios(file_system: str, size: int) -> dict[str, Scenario]:
    """All scenarios by name. The sparse file is 8 x `size` with half of `size` as data: 16 GiB for 2 GiB."""
    data = Source("source-data", size, size)
    sparse = Source("source-sparse", 8 * size, size // 2, SPARSE_EXTENTS)
    hole = Source("source-hole", HOLE, 0, 0)
    small = Source("source-small", SMALL, SMALL)
    all_ways = (who.AUTO, who.PRESERVING, who.BYPASS, who.THREADS, who.SEQUENTIAL, who.KEEP, who.URING)
    main_ways = (who.AUTO, who.BYPASS, who.THREADS, who.URING)
    sparse_text = (f"{format_size(sparse.size)} sparse ({sparse.extents} extents of "
                   f"{format_size(sparse.data // SPARSE_EXTENTS)})")

    def chunks(ways: tuple[str, ...], is_sparse: bool = False) -> list[Contestant]:
        return who.chunk_contestants(file_system, ways, is_sparse)

    def medium(mebibytes: int, cached: bool) -> Scenario:
        source = Source(f"source-{mebibytes}", mebibytes * MIB, mebibytes * MIB)
        name = f"medium-{mebibytes}{'' if cached else '-uncached'}"
        text = f"{format_size(source.size)}, {'cached' if cached else 'uncached'} source"
        return Scenario(name, text, source, chunks((who.AUTO, who.THREADS, who.KEEP)), cached)

    scenarios = [
        Scenario("cached", f"{format_size(size)}, cached source", data, chunks(all_ways), True),
        Scenario("uncached", f"{format_size(size)}, uncached source", data, chunks(main_ways), False, fio=True),
        Scenario("sparse-cached", f"{sparse_text}, cached source", sparse,
                 chunks((who.AUTO, who.BYPASS), True), True, keeps_holes=True),
        Scenario("sparse-uncached", f"{sparse_text}, uncached source", sparse,
                 chunks((who.AUTO, who.BYPASS), True), False, keeps_holes=True),
        Scenario("hole", f"{format_size(HOLE)}, one hole", hole, who.without_peers(chunks((who.AUTO,))), None,
                 keeps_holes=True),
        Scenario("small", f"{format_size(SMALL)}, cached source", small, who.small_contestants(file_system), True,
                 synced=False, many_pairs=True),
        *(medium(mebibytes, state) for mebibytes in MEDIUM for state in (True, False)),
    ]
    if copies_chunks(file_system):
        scenarios.append(Scenario("clone", f"{format_size(size)}, cloned", data, who.clone_contestants(), None))
    # Last: the ballast is put down for it.
    scenarios.append(Scenario("unballasted", f"{format_size(size)}, cached source, no ballast", data,
                              who.without_peers(chunks((who.AUTO, who.BYPASS, who.THREADS))), True, ballast=False))
    return {each.name: each for each in scenarios if not (each.cached is False and is_memory(file_system))}
