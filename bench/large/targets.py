"""The figures that must hold, stated for 2 GiB on ext4."""

from collections.abc import Callable

from ..common.figures import Figure, figure
from ..common.sizes import GIB, MIB
from ..common.targets import Target, Verdict, at_least, at_most
from . import contestants as who
from .runner import TAKEN_BACK_SECONDS_PER_GIB, Result
from .summary import Summary, summarize

STATED_FILE_SYSTEM, STATED_SIZE = "ext4", 2 * GIB

Results = dict[str, Result]


def _of(scenario: str, contestant: str, value: Callable[[Summary], Figure | None]):
    def measure(results: Results) -> Figure | None:
        result = results.get(scenario)
        if result is None or contestant in result.failures or not result.samples.get(contestant):
            return None
        return value(summarize(result, contestant))
    return measure


def _largest_resident(results: Results) -> Figure | None:
    """MiB, over every uringcp run of every scenario."""
    return figure([sample["maxResidentBytes"] / MIB
                   for result in results.values() for each in result.scenario.contestants if each.is_uringcp
                   for sample in result.samples[each.name]])


def _of_hole_runs(key: str):
    def measure(results: Results) -> Figure | None:
        result = results.get("hole")
        return figure([sample[key] for sample in result.samples.get(who.AUTO, [])]) if result else None
    return measure


def _of_unbacked(value: Callable[[Summary], Figure | None]):
    """Of the runs without ballast; not measured where the host had not taken the memory back."""
    measure = _of("unballasted", who.AUTO, value)

    def measure_if_taken(results: Results) -> Figure | None:
        result = results.get("unballasted")
        samples = [sample for each in result.samples.values() for sample in each] if result else []
        taken = figure([sample["touchSeconds"] for sample in samples])
        return measure(results) if taken and taken.median >= TAKEN_BACK_SECONDS_PER_GIB else None
    return measure_if_taken


def _slowdown(scenario: str, contestant: str, than: str):
    """The time to return of one of ours, divided by another's in the same round."""
    def measure(results: Results) -> Figure | None:
        result = results.get(scenario)
        if result is None or not {contestant, than}.isdisjoint(result.failures):
            return None
        pairs = zip(result.samples.get(contestant, []), result.samples.get(than, []))
        return figure([one["returnSeconds"] / other["returnSeconds"] for one, other in pairs])
    return measure


def _percent(value: Figure | None) -> Figure | None:
    return Figure(100 * value.median, 100 * value.minimum, 100 * value.maximum, value.count) if value else None


def _x_return(summary: Summary):
    return summary.x_return


def _x_disk(summary: Summary):
    return summary.x_disk


def _cpu(summary: Summary):
    return summary.cpu_ratio


TARGETS = (
    at_least("cached, `uringcp`: to return", 1.6, " x", _of("cached", who.AUTO, _x_return)),
    at_least("cached, `uringcp`: to disk", 1.4, " x", _of("cached", who.AUTO, _x_disk)),
    at_most("cached, `uringcp -p`: time / without", 1.02, "", _slowdown("cached", who.PRESERVING, who.AUTO)),
    at_most("cached, `--cache bypass`: CPU / cp's", 0.25, "", _of("cached", who.BYPASS, _cpu)),
    Target("cached, `--cache bypass`: pages added to the cache (largest)", "0",
           _of("cached", who.BYPASS, lambda summary: summary.pages_added), lambda value: value.maximum == 0),
    at_least("cached, `--cache bypass`: to disk", 1.3, " x", _of("cached", who.BYPASS, _x_disk)),
    at_least("cached, `--engine threads`: to return", 1.4, " x", _of("cached", who.THREADS, _x_return)),
    at_least("cached, `--engine threads`: to disk", 1.2, " x", _of("cached", who.THREADS, _x_disk)),
    at_least("uncached, `uringcp`: of fio's limit, to disk", 95, " %",
              _of("uncached", who.AUTO, lambda summary: _percent(summary.limit_share))),
    at_least("uncached, `uringcp`: to disk", 1.1, " x", _of("uncached", who.AUTO, _x_disk)),
    at_most("uncached, `uringcp`: CPU / cp's", 1 / 3, "", _of("uncached", who.AUTO, _cpu)),
    at_least("no ballast, cached, `uringcp`: to return", 2.5, " x", _of_unbacked(_x_return)),
    at_least("no ballast, cached, `uringcp`: to disk", 3.0, " x", _of_unbacked(_x_disk)),
    Target("peak resident memory of any uringcp run, MiB (largest)", "< 64",
           _largest_resident, lambda value: value.maximum < 64),
    Target("1 TiB hole, `uringcp`: seconds to return (largest)", "< 1",
           _of_hole_runs("returnSeconds"), lambda value: value.maximum < 1),
    Target("1 TiB hole, `uringcp`: blocks of the copy (largest)", "0",
           _of_hole_runs("destinationBlocks"), lambda value: value.maximum == 0),
    at_most("4 KiB file, `uringcp`: time / cp's", 1.5, "",
             _of("small", who.AUTO, lambda summary: summary.slowdown)),
)


def judge_all(results: Results) -> list[Verdict]:
    return [target.judge(results) for target in TARGETS]
