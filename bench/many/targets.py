"""The figures that must hold, stated for ext4, 20,000 files (50,000 to load) and 10,000 CSV files."""

from ..common.figures import Figure, figure
from ..common.sizes import MIB
from ..common.targets import Target, Verdict, at_least
from . import contestants as who
from .runner import Result
from .summary import syncs_of

STATED_FILE_SYSTEM, STATED_FILES, STATED_CSV_FILES = "ext4", 20_000, 10_000

Results = dict[str, Result]


def _times(scenario: str, contestant: str, than: str | None = None):
    """How many times as fast as `than`, or as the baseline, in the time that decides."""
    def measure(results: Results) -> Figure | None:
        result = results.get(scenario)
        if result is None or contestant in result.failures:
            return None
        return result.times(contestant, than or result.baseline, result.scenario.decides)
    return measure


def _records_for_each_sync(results: Results) -> Figure | None:
    """Of every engine: the worst decides."""
    result = results.get("append-durable")
    if result is None:
        return None
    return figure([result.scenario.job.lines / syncs for name, samples in result.samples.items()
                   if name not in result.failures for sample in samples if (syncs := syncs_of(sample))])


def _largest_resident(scenario: str):
    """MiB, over every run of ours."""
    def measure(results: Results) -> Figure | None:
        result = results.get(scenario)
        if result is None:
            return None
        return figure([sample["maxResidentBytes"] / MIB for each in result.scenario.contestants
                       if each.is_ours and each.name not in result.failures for sample in result.samples[each.name]])
    return measure


def _faster(text: str, bound: float, measure) -> Target:
    return at_least(text, bound, " x", measure)


TARGETS = (
    _faster("copy, one directory, `uringcp -r`: to return", 1.6, _times("tree-flat", who.COPY)),
    _faster("copy, many directories, `uringcp -r`: to return", 2.2, _times("tree-directories", who.COPY)),
    _faster("copy with metadata, many directories, `uringcp -a` / `cp -a`: to return", 1.9,
            _times("tree-archive", who.ARCHIVE)),
    _faster("copy, one directory, uncached, `uringcp -r`: to return", 3.2,
            _times("tree-flat-uncached", who.COPY)),
    _faster("copy, files of 500 KB, `uringcp -r`: to return", 1.9, _times("tree-500k", who.COPY)),
    _faster("load, `uringtool load` / the sequential engine", 1.8, _times("load", who.LOAD)),
    _faster("load, the ring / the pool", 1.0,
            _times("load", who.on_engine(who.LOAD, "uring"), who.on_engine(who.LOAD, "threads"))),
    _faster("load uncached, `uringtool load` / the sequential engine", 3.0, _times("load-uncached", who.LOAD)),
    _faster("CSV, save / the faster Python", 8.0, _times("csv-save", who.SAVE)),
    _faster("CSV, load, lent / the faster Python", 5.0, _times("csv-load", who.LOAD)),
    _faster("CSV, load, kept / the faster Python", 2.0, _times("csv-load", who.LOAD_KEEP)),
    _faster("CSV, copy / the faster Python", 1.5, _times("csv-copy", who.COPY)),
    _faster("append / the thousand-thread program", 20.0,
            _times("append", who.APPEND, who.python("append_threads"))),
    _faster("append / one sequential Python loop", 1.0,
            _times("append", who.APPEND, who.python("append_sequential"))),
    Target("durable appends: records for each fsync, any engine (smallest)", "≥ 50", _records_for_each_sync,
           lambda value: value.minimum >= 50),
    Target("a million files: peak resident memory of any uringcp run, MiB (largest)", "< 256",
           _largest_resident("million"), lambda value: value.maximum < 256),
)


def judge_all(results: Results) -> list[Verdict]:
    return [target.judge(results) for target in TARGETS]
