"""Runs a scenario: prepares the machine before each run, measures, verifies, clears up."""

import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from ..common.benchmark import Conditions
from ..common.errors import BenchmarkError, ContestantFailure
from ..common.figures import noise_warnings, shuffled_rounds
from ..common.files import require_equal
from ..common.fio import FIO_RUNS, FioRun, Limit, copy_limit, fio_is_there, run_fio
from ..common.image import Workspace, is_memory
from ..common.measure import measure
from ..common.memory import TOUCH_RESERVE, available_memory
from ..common.pagecache import empty_cache, fill_cache, resident_pages
from ..common.report import log
from ..common.sizes import GIB, MIB
from .contestants import Contestant
from .scenarios import Scenario

# Without ballast a run waits until the host has taken free memory back, which a touched sample tells. Some hosts
# take minutes, or do not: after so long it runs all the same, and its touchSeconds tell of it.
_SAMPLE_BYTES = 128 * MIB
_SAMPLE_PAUSE_SECONDS = 6.0
_SAMPLES_MAX = 12
# Backed memory takes 0.1 to 0.3 s.
TAKEN_BACK_SECONDS_PER_GIB = 1.0


@dataclass
class Result:
    """All samples of one scenario, by contestant name in the scenario's order."""

    scenario: Scenario
    samples: dict[str, list[dict]]
    failures: dict[str, str] = field(default_factory=dict)
    limit: Limit | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def baseline(self) -> str:
        return self.scenario.baseline.name

    @property
    def baseline_samples(self) -> list[dict]:
        return self.samples[self.baseline]

    def noise(self) -> list[str]:
        """A warning for each of cp's times that spreads too far."""
        # Of hundreds of pairs the extremes say nothing; of a handful of rounds they do.
        if self.scenario.many_pairs:
            return []
        return noise_warnings(self.baseline, self.baseline_samples,
                              {"returnSeconds": "to return", "diskSeconds": "to disk"})


class Runner:
    def __init__(self, workspace: Workspace, conditions: Conditions, programs: dict[str, str]):
        self._workspace = workspace
        self._in_memory = is_memory(workspace.file_system)
        self._conditions = conditions
        self._ballast = conditions.ballast
        self._programs = programs
        self._copies = 0
        self._sources: set[Path] = set()

    def run(self, scenario: Scenario, rounds: int) -> Result:
        log(f"== {scenario.title}")
        if scenario.ballast:
            self._ballast.load()
        else:
            self._ballast.unload()
        source = self._make_source(scenario)
        result = Result(scenario, {each.name: [] for each in scenario.contestants})
        fio_runs = list(FIO_RUNS) if scenario.fio else []
        if fio_runs and not fio_is_there():
            fio_runs = []
            result.notes.append("fio is not installed: no limit was measured")
        for each in fio_runs:
            result.samples[each.name] = []

        def still_in() -> list[Contestant | FioRun]:
            return [each for each in [*scenario.contestants, *fio_runs] if each.name not in result.failures]

        for number, order in shuffled_rounds(rounds, still_in, self._conditions.rng):
            for each in order:
                try:
                    sample = self._run_one(each, scenario, source, verified=number == 0 or self._conditions.verify_all)
                except ContestantFailure as error:
                    self._ballast.check()
                    self._drop_out(each, str(error), result)
                    continue
                if number > 0:
                    result.samples[each.name].append({"round": number, **sample})
            self._ballast.check()
            if not scenario.many_pairs:
                log(f"   {'warm-up' if number == 0 else f'round {number}'} done")
        result.limit = copy_limit(result.samples)
        for warning in result.noise():
            log(f"   {warning}")
        return result

    def _drop_out(self, contestant: Contestant | FioRun, reason: str, result: Result) -> None:
        """A contestant that fails takes no further part; without the baseline nothing can be compared."""
        log(f"   {contestant.name} failed: {reason}")
        if contestant == result.scenario.baseline:
            raise BenchmarkError(f"{contestant.name} failed: {reason}")
        result.failures[contestant.name] = reason

    def _make_source(self, scenario: Scenario) -> Path:
        self._free_memory_of(self._sources - {scenario.source.path(self._workspace.directory)})
        try:
            source = scenario.source.make(self._workspace.directory, self._conditions.seed)
        except OSError as error:
            raise BenchmarkError(f"cannot make the source of {scenario.title}: {error.strerror}") from error
        self._sources.add(source)
        return source

    def _free_memory_of(self, sources: set[Path]) -> None:
        """Other scenarios' pages would take part of the memory that the ballast leaves."""
        for source in sources:
            if self._in_memory:
                source.unlink()
                self._sources.remove(source)
            else:
                empty_cache(source)

    def _prepare(self, scenario: Scenario, source: Path) -> float:
        """Brings memory, disk and cache into the scenario's state; returns the seconds touching took."""
        touched = 0.0
        if scenario.synced:
            os.sync()
            time.sleep(self._conditions.settle)
        if scenario.cached is False:
            empty_cache(source)
        if scenario.ballast:
            # Before the source is read in: touching may push it out, and reading it in then uses memory
            # that has just been touched. Nothing that takes a second may come between touching and the run,
            # or the host has taken the memory back.
            cached = scenario.source.data if scenario.cached and not self._in_memory else 0
            room = available_memory() - cached - TOUCH_RESERVE
            touched = self._ballast.touch(min(scenario.memory_to_touch(), room))
        if scenario.cached:
            fill_cache(source)
        if scenario.synced and not scenario.ballast:
            touched = self._wait_for_host()
        return touched

    def _wait_for_host(self) -> float:
        """Until free memory is not backed, or for long; returns the seconds a GiB of it takes to touch."""
        for _ in range(_SAMPLES_MAX):
            time.sleep(_SAMPLE_PAUSE_SECONDS)
            per_gib = self._ballast.touch(_SAMPLE_BYTES) * GIB / _SAMPLE_BYTES
            if per_gib >= TAKEN_BACK_SECONDS_PER_GIB:
                break
        return per_gib

    def _run_one(self, contestant: Contestant | FioRun, scenario: Scenario, source: Path, verified: bool) -> dict:
        self._copies += 1
        name = f"copy-{self._copies:06}"
        destination = self._workspace.directory / name
        touched = self._prepare(scenario, source)
        try:
            if isinstance(contestant, FioRun):
                seconds = run_fio(contestant, self._workspace.directory, source.name, name, scenario.source.size)
                return {"diskSeconds": seconds, "touchSeconds": touched}
            pages_before = resident_pages(source)
            arguments = contestant.arguments(self._programs, source.name, name)
            cost = measure(self._conditions.tools, arguments, self._workspace.directory,
                           name if scenario.synced else None)
            sample = cost.as_sample() | {"touchSeconds": touched}
            if not self._in_memory:  # where a file is its pages, and none is added to it
                sample["destinationPages"] = resident_pages(destination)
                sample["sourcePagesAdded"] = resident_pages(source) - pages_before
            status, source_status = destination.stat(), source.stat()
            sample["destinationBlocks"] = status.st_blocks
            if contestant.is_uringcp:
                sample["report"] = _copy_report(cost.output)
            if status.st_size != source_status.st_size:
                raise ContestantFailure(f"the copy holds {status.st_size} bytes, its source {source_status.st_size}")
            if (scenario.keeps_holes and contestant.is_uringcp
                    and status.st_blocks > scenario.blocks_max(source_status.st_blocks)):
                raise ContestantFailure(f"holes were filled: the copy takes {status.st_blocks} blocks, "
                                        f"its source {source_status.st_blocks}")
            if verified:
                require_equal(source, destination)
            return sample
        finally:
            self._clear_up(destination, scenario)

    def _clear_up(self, destination: Path, scenario: Scenario) -> None:
        """Outside of everything timed. Small files are never removed: that slows later creations down."""
        if scenario.source.size <= GIB // 1024 or not destination.exists():
            return
        if self._workspace.removes_copies:
            destination.unlink()
        else:
            empty_cache(destination)


def _copy_report(output: str) -> dict | None:
    """What `uringcp --json` says of its one copy, without the file names and its own timing."""
    wanted = ("strategy", "reason", "engine", "engineReason", "bytes", "holeBytes", "operations",
              "inlineOperations", "fallbacks", "retries")
    for line in output.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and entry.get("type") == "copy":
            return {key: entry[key] for key in wanted if key in entry}
    return None
