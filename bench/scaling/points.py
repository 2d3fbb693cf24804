"""What is measured: the points of the fit, those that check it, and where the curve may bend."""

from dataclasses import dataclass

from ..common.image import is_memory
from ..common.sizes import KIB
from ..many import contestants as who
from ..many.contestants import DESTINATION, SOURCE, Contestant
from ..many.jobs import Copy, CopyMemory
from ..many.layouts import FLAT, one_level
from ..many.scenarios import INSIDE, RETURN, Scenario
from ..many.trees import Tree

DISK = "diskSeconds"
SMALL, LARGE = 4 * KIB, 1_000_000
WORKERS = (1, 2, 3, 4, 8)
MEMORY_WORKERS = (1, 2, 3)


@dataclass(frozen=True)
class Counts:
    """Files: of the points that fit, then of the one that checks."""

    small: tuple[int, ...] = (5_000, 20_000, 80_000)
    large: tuple[int, ...] = (250, 1_000, 4_000)
    flat: tuple[int, ...] = (10_000, 40_000, 160_000)  # in one directory
    workers: int = 20_000
    memory: int = 2_000  # large ones, in a tmpfs

    def scaled(self, divisor: int) -> "Counts":
        def less(counts: tuple[int, ...]) -> tuple[int, ...]:
            return tuple(max(20, count // divisor) for count in counts)
        return Counts(less(self.small), less(self.large), less(self.flat), max(20, self.workers // divisor),
                      max(20, self.memory // divisor))


def make_scenarios(file_system: str, counts: Counts) -> dict[str, Scenario]:
    """In a tmpfs only what memory bounds; elsewhere everything else."""
    scenarios = _memory_scenarios(counts) if is_memory(file_system) else _disk_scenarios(file_system, counts)
    return {each.name: each for each in scenarios}


def _memory_scenarios(counts: Counts) -> list[Scenario]:
    tree = Tree("memory", counts.memory, LARGE, one_level(max(1, counts.memory // 100)))
    alone = [who.memory_copier(count, tree.byte_count()) for count in MEMORY_WORKERS]
    return [
        Scenario("memory", f"copy {counts.memory:,} files of {LARGE:,} bytes in a tmpfs, by workers",
                 Copy(tree), [who.cp("tmpfs"), *map(_on_threads, MEMORY_WORKERS)], (who.CP,), True, RETURN),
        Scenario("memory-alone", f"{tree.byte_count():,} bytes from memory to memory, no files",
                 CopyMemory(tree.byte_count()), alone, (alone[0].name,), None, INSIDE, synced=False),
    ]


def _disk_scenarios(file_system: str, counts: Counts) -> list[Scenario]:
    copiers = [each for each in who.tree_copiers(file_system) if each.name in (who.CP, who.COPY)]

    def spread(name: str, files: int, size: int, each: int) -> Scenario:
        tree = Tree(name, files, size, one_level(max(1, files // each)))
        text = f"copy {files:,} files of {size:,} bytes, {each} in each directory, uncached"
        return Scenario(name, text, Copy(tree), copiers, (who.CP,), False, DISK)

    def flat(files: int) -> Scenario:
        text = f"copy {files:,} files of {SMALL:,} bytes in one directory, cached"
        return Scenario(f"flat-{files}", text, Copy(Tree("flat", files, SMALL, FLAT)), copiers, (who.CP,), True, RETURN)

    return [
        *(spread(f"small-{files}", files, SMALL, 500) for files in counts.small),
        *(spread(f"large-{files}", files, LARGE, 100) for files in counts.large),
        *map(flat, counts.flat),
        Scenario("workers", f"copy {counts.workers:,} files of {SMALL:,} bytes in one directory, cached, by workers",
                 Copy(Tree("flat", counts.workers, SMALL, FLAT)), [copiers[0], *map(_on_threads, WORKERS)],
                 (who.CP,), True, RETURN),
    ]


def workers_name(count: int) -> str:
    return f"{who.COPY} --engine threads --workers {count}"


def _on_threads(count: int) -> Contestant:
    return Contestant(workers_name(count), (*workers_name(count).split(), SOURCE, DESTINATION))
