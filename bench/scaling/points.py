"""What is measured: the points of the fit, those that check it, and where the curve may bend."""

from dataclasses import dataclass

from ..common.sizes import KIB
from ..many import contestants as who
from ..many.contestants import DESTINATION, SOURCE, Contestant
from ..many.jobs import Copy
from ..many.layouts import FLAT, one_level
from ..many.scenarios import RETURN, Scenario
from ..many.trees import Tree

DISK = "diskSeconds"
SMALL, LARGE = 4 * KIB, 1_000_000
WORKERS = (1, 2, 3, 4, 8)


@dataclass(frozen=True)
class Counts:
    """Files: of the points that fit, then of the one that checks."""

    small: tuple[int, ...] = (5_000, 20_000, 80_000)
    large: tuple[int, ...] = (250, 1_000, 4_000)
    flat: tuple[int, ...] = (10_000, 40_000, 160_000)  # in one directory
    workers: int = 20_000

    def scaled(self, divisor: int) -> "Counts":
        def less(counts: tuple[int, ...]) -> tuple[int, ...]:
            return tuple(max(20, count // divisor) for count in counts)
        return Counts(less(self.small), less(self.large), less(self.flat), max(20, self.workers // divisor))


def make_scenarios(file_system: str, counts: Counts) -> dict[str, Scenario]:
    copiers = [each for each in who.tree_copiers(file_system) if each.name in (who.CP, who.COPY)]

    def spread(name: str, files: int, size: int, each: int) -> Scenario:
        tree = Tree(name, files, size, one_level(max(1, files // each)))
        text = f"copy {files:,} files of {size:,} bytes, {each} in each directory, uncached"
        return Scenario(name, text, Copy(tree), copiers, (who.CP,), False, DISK)

    def flat(files: int) -> Scenario:
        text = f"copy {files:,} files of {SMALL:,} bytes in one directory, cached"
        return Scenario(f"flat-{files}", text, Copy(Tree("flat", files, SMALL, FLAT)), copiers, (who.CP,), True, RETURN)

    scenarios = [
        *(spread(f"small-{files}", files, SMALL, 500) for files in counts.small),
        *(spread(f"large-{files}", files, LARGE, 100) for files in counts.large),
        *map(flat, counts.flat),
        Scenario("workers", f"copy {counts.workers:,} files of {SMALL:,} bytes in one directory, cached, by workers",
                 Copy(Tree("flat", counts.workers, SMALL, FLAT)), [copiers[0], *map(_on_threads, WORKERS)],
                 (who.CP,), True, RETURN),
    ]
    return {each.name: each for each in scenarios}


def workers_name(count: int) -> str:
    return f"{who.COPY} --engine threads --workers {count}"


def _on_threads(count: int) -> Contestant:
    return Contestant(workers_name(count), (*workers_name(count).split(), SOURCE, DESTINATION))
