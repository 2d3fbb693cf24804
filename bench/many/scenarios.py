"""What is done, from which state, by whom."""

from dataclasses import dataclass

from ..common.image import is_memory
from ..common.sizes import KIB
from . import contestants as who
from .contestants import Contestant
from .jobs import Append, Copy, Job, Load, Save
from .layouts import chain, fan_out, one_level
from .trees import CSVTree, Room, Tree

NAMES = ("tree-flat", "tree-directories", "tree-archive", "tree-fan-out", "tree-deep", "tree-flat-uncached",
         "tree-500k", "tree-medium", "load", "load-uncached", "csv-save", "csv-copy", "csv-load", "append",
         "append-durable", "million")
QUICK_NAMES = ("tree-flat", "tree-directories", "tree-archive", "tree-fan-out", "tree-deep", "tree-flat-uncached",
               "tree-500k", "load", "load-uncached", "csv-save", "append", "append-durable")
SHORT_NAMES = ("tree-flat", "tree-directories", "tree-archive", "tree-fan-out", "tree-flat-uncached", "load", "append")
MILLION = 1_000_000
FAN_OUT_LEVELS, FAN_OUT_FILES = 3, 11.6  # files in each directory of the last level: 12 x 12 x 12 for 20,000
DEEPEST, DEEP_FILES = 500, 40  # directories in one another at most, and files in each
CSV_LINES, CSV_VALUES = 10_000, 10
APPENDED_LINES, APPENDING_TASKS = 10_000, 1_000
DURABLE_TASKS = 256

RETURN, INSIDE = "returnSeconds", "insideSeconds"


@dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    job: Job
    contestants: list[Contestant]
    baselines: tuple[str, ...]  # the fastest of them is what the others are divided by
    cached: bool | None  # the source: True: read in before each run, False: dropped, None: there is none
    decides: str = RETURN  # which time a verdict is about
    synced: bool = True  # whether the time to disk is taken
    only_round: bool = False  # one counted round, and no warm-up

    def room(self, rounds: int) -> Room:
        """Of a file system that takes the source and `rounds` rounds, nothing deleted."""
        return self._source_room() + self.job.output_room().times(len(self.contestants) * rounds)

    def room_at_once(self) -> Room:
        """Of one that takes the source and one result."""
        return self._source_room() + self.job.output_room()

    def _source_room(self) -> Room:
        return self.job.source.room() if self.job.source else Room(0, 0)

    def needs_device(self) -> bool:
        """Whether it starts from the disk, or waits for it alone."""
        return self.cached is False or self.name == "append-durable"


@dataclass(frozen=True)
class Counts:
    """How many files and lines; the stated ones where nothing else is said."""

    files: int = 20_000
    csv_files: int = 1_000
    durable_lines: int = 100_000
    million: int = MILLION


def make_scenarios(file_system: str, counts: Counts) -> dict[str, Scenario]:
    """All scenarios by name."""
    files = counts.files
    flat = Tree("flat", files, 4 * KIB)
    many_directories = Tree("directories", files, 4 * KIB, one_level(max(2, files // 100)))
    width = max(2, round((files / FAN_OUT_FILES) ** (1 / FAN_OUT_LEVELS)))
    fanned_out = Tree("fan-out", files, 4 * KIB, fan_out(FAN_OUT_LEVELS, width))
    deep = Tree("deep", files, KIB, chain(min(DEEPEST, max(2, files // DEEP_FILES))))
    larger = Tree("larger", max(1, files // 20), 500_000)
    medium = Tree("medium", max(1, files // 200), 10_000_000)
    to_load = Tree("load", files * 5 // 2, 4 * KIB)
    csv = CSVTree("csv", counts.csv_files, CSV_LINES * 50, lines=CSV_LINES, values=CSV_VALUES)
    million = Tree("million", counts.million, 1, one_level(max(1, min(100, counts.million // 100))))

    def copy(name: str, text: str, tree: Tree, cached: bool) -> Scenario:
        minimal = who.minimal_copiers() if cached and tree in (flat, many_directories, larger) else []
        # 2,000 files in a chain of 500 directories take fpsync 11 seconds, and uringcp 0.07.
        copiers = [each for each in who.tree_copiers(file_system) if tree != deep or each.name != who.FPSYNC]
        copiers += minimal
        return Scenario(name, f"copy {tree.files:,} files of {text}", Copy(tree), copiers, (who.CP,), cached)

    def load(name: str, text: str, cached: bool) -> Scenario:
        loaders = [*who.loaders(), *(who.minimal_loaders() if cached else [])]
        return Scenario(name, f"load {to_load.files:,} files of 4 KiB, {text}", Load(to_load), loaders,
                        (who.on_engine(who.LOAD, "sequential"),), cached, synced=False)

    csv_text = f"{csv.files:,} CSV files of {CSV_LINES:,} lines of {CSV_VALUES} values"
    scenarios = [
        copy("tree-flat", "4 KiB in one directory, cached", flat, True),
        copy("tree-directories", f"4 KiB in {many_directories.directories:,} directories, cached",
             many_directories, True),
        Scenario("tree-archive", f"copy {files:,} files of 4 KiB in {many_directories.directories:,} directories with "
                 "their metadata, cached", Copy(many_directories), who.archivers(file_system), (who.CP_ARCHIVE,), True),
        copy("tree-fan-out", f"4 KiB in {FAN_OUT_LEVELS} levels of directories, {width} in each, cached",
             fanned_out, True),
        copy("tree-deep", f"1 KiB in {deep.directories} directories, one in another, cached", deep, True),
        copy("tree-flat-uncached", "4 KiB in one directory, uncached", flat, False),
        copy("tree-500k", "500 KB in one directory, cached", larger, True),
        copy("tree-medium", "10 MB in one directory, cached", medium, True),
        load("load", "cached", True),
        load("load-uncached", "uncached", False),
        Scenario("csv-save", f"save {csv_text}", Save(csv), who.csv_savers(csv.files, CSV_LINES, CSV_VALUES),
                 (who.python("save_sequential"), who.python("save_pool")), None, INSIDE),
        Scenario("csv-copy", f"copy {csv_text}, cached", Copy(csv), who.csv_copiers(file_system),
                 (who.python("copy_sequential"), who.python("copy_threads")), True, INSIDE),
        Scenario("csv-load", f"load {csv_text}, cached", Load(csv), who.csv_loaders(),
                 (who.python("load_sequential"), who.python("load_pool")), True, INSIDE, synced=False),
        Scenario("append", f"append {APPENDED_LINES:,} lines to one file, {APPENDING_TASKS:,} tasks",
                 Append(APPENDED_LINES), who.appenders(APPENDED_LINES, APPENDING_TASKS),
                 (who.python("append_sequential"), who.python("append_threads")), None, INSIDE),
        Scenario("append-durable", f"append {counts.durable_lines:,} lines durably, {DURABLE_TASKS} tasks",
                 Append(counts.durable_lines), who.durable_appenders(counts.durable_lines, DURABLE_TASKS),
                 (who.on_engine(who.DURABLE, "sequential"),), None, synced=False),
        Scenario("million", f"copy {million.files:,} files of 1 byte in {million.directories} directories, uncached",
                 Copy(million), who.million_copiers(file_system), (who.CP,), False, only_round=True),
    ]
    return {each.name: each for each in scenarios if not (each.needs_device() and is_memory(file_system))}
