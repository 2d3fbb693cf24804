"""Runs a scenario: prepares the machine before each run, measures, checks what was done."""

import os
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from ..common.benchmark import Conditions
from ..common.errors import BenchmarkError, ContestantFailure
from ..common.figures import Figure, median_of, noise_warnings, paired, shuffled_rounds
from ..common.image import is_memory
from ..common.measure import child_environment, measure
from ..common.memory import TOUCH_RESERVE, available_memory
from ..common.report import log
from .contestants import DESTINATION, LIST, SOURCE, TEMPORARY, Contestant, reported
from .places import Place, Places
from .scenarios import INSIDE, RETURN, Scenario
from .trees import Room, drop_all_caches, drop_pages, make_tree, missing_pages, require_cold, warm_tree

_LIST_NAME = "list"
_ATTEMPTS_MAX = 3


@dataclass
class Result:
    """All samples of one scenario, by contestant name in the scenario's order."""

    scenario: Scenario
    samples: dict[str, list[dict]]
    place: str = ""
    failures: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def has_baseline(self) -> bool:
        return any(name not in self.failures for name in self.scenario.baselines)

    @property
    def baseline(self) -> str:
        """The fastest that did not fail, by the median of the time that decides."""
        taking_part = [name for name in self.scenario.baselines
                       if name not in self.failures and self.samples.get(name)]
        return min(taking_part or self.scenario.baselines[:1],
                   key=lambda name: median_of(self.samples.get(name, []), self.scenario.decides) or 0)

    def times(self, name: str, than: str, key: str) -> Figure | None:
        """How many times as fast `name` was as `than`, in the same rounds."""
        own = [key] if key != INSIDE else [INSIDE, RETURN]
        # A program that does not say its time inside is judged by its whole time: against itself.
        value = next((each for each in own if any(each in sample for sample in self.samples.get(name, []))), key)
        return paired(self.samples.get(than, []), self.samples.get(name, []), (key, value))

    def noise(self) -> list[str]:
        texts = {RETURN: "to return", "diskSeconds": "to disk"}
        return noise_warnings(self.baseline, self.samples.get(self.baseline, []), texts)


class Runner:
    def __init__(self, places: Places, conditions: Conditions, programs: dict[str, str], temporary: Path):
        """`temporary` is for what programs want to write beside their results."""
        self._places = places
        self._in_memory = is_memory(places.file_system)
        self._conditions = conditions
        self._ballast = conditions.ballast
        self._programs = programs
        self._temporary = temporary
        self._runs = 0

    def run(self, scenario: Scenario, rounds: int) -> Result:
        log(f"== {scenario.title}")
        self._ballast.load()
        result = Result(scenario, {each.name: [] for each in scenario.contestants})

        def still_in() -> list[Contestant]:
            return [each for each in scenario.contestants if each.name not in result.failures]

        rounds_in_all = rounds + (0 if scenario.only_round else 1)
        rounds_here = next((count for count in range(rounds_in_all, 1, -1)
                            if self._places.fits(scenario, count)), 1)
        with ExitStack() as stack:
            place, left = None, 0
            for number, order in shuffled_rounds(rounds, still_in, self._conditions.rng,
                                                 warm_up=not scenario.only_round):
                if left == 0:
                    stack.close()
                    place, left = stack.enter_context(self._places.fresh(scenario, rounds_here)), rounds_here
                    self._make_source(scenario, place)
                    result.place = place.description
                left -= 1
                for each in order:
                    self._run_in_round(each, number, place, result)
                if not result.has_baseline:
                    result.notes.append("without a baseline nothing can be compared: given up")
                    break
                log("   warm-up done" if number == 0 else f"   round {number} done")
        if rounds_here < rounds_in_all:
            result.notes.append(f"a fresh image every {'round' if rounds_here == 1 else f'{rounds_here} rounds'}: "
                                "more do not fit")
        for warning in result.noise():
            log(f"   {warning}")
        return result

    def _run_in_round(self, contestant: Contestant, number: int, place: Place, result: Result) -> None:
        every_byte = number == 0 or result.scenario.only_round or self._conditions.verify_all
        try:
            sample = self._run_one(contestant, place, result, every_byte)
        except ContestantFailure as error:
            self._ballast.check()
            self._drop_out(contestant, str(error), result)
            return
        self._ballast.check()
        if number > 0:
            result.samples[contestant.name].append({"round": number, **sample})

    def _drop_out(self, contestant: Contestant, reason: str, result: Result) -> None:
        """A contestant that fails takes no further part."""
        log(f"   {contestant.name} failed: {reason}")
        result.failures[contestant.name] = reason

    def _make_source(self, scenario: Scenario, place: Place) -> None:
        tree = scenario.job.source
        if tree is None:
            return
        try:
            make_tree(tree, place.directory, self._conditions.seed)
            names = (f"{tree.name}/{name}\0" for name in tree.file_names())
            (place.directory / _LIST_NAME).write_text("".join(names))
        except OSError as error:
            raise BenchmarkError(f"cannot make the source of {scenario.title}: {error.strerror}") from error

    def _prepare(self, contestant: Contestant, place: Place, result: Result) -> float:
        """Brings memory, disk and caches into the scenario's state; returns the seconds touching took."""
        scenario, tree = result.scenario, result.scenario.job.source
        os.sync()
        time.sleep(self._conditions.settle)
        if scenario.cached is False:
            self._chill(place.directory / tree.name, result)
            require_cold(tree, place.directory / tree.name)
        # Before the source is read in: touching may push it out, and reading it in then uses memory that
        # has just been touched.
        cached = tree.memory() if tree and scenario.cached and not self._in_memory else 0
        room = available_memory() - cached - TOUCH_RESERVE
        touched = self._ballast.touch(min(scenario.job.memory() * 3 // 2 + cached, room))
        if scenario.cached:
            warm_tree(tree, place.directory / tree.name)
        elif scenario.cached is False:
            # Again: the proof has opened some of the files, and so read in parts of the directories.
            self._chill(place.directory / tree.name, result)
            self._warm_program(contestant, place.directory)
        return touched

    def _chill(self, root: Path, result: Result) -> None:
        if drop_all_caches():
            return
        drop_pages(root)
        note = "not root: the source's names and inodes stayed cached, only its contents did not"
        if note not in result.notes:
            result.notes.append(note)

    def _warm_program(self, contestant: Contestant, directory: Path) -> None:
        """Dropping all caches dropped the program and its libraries too, which is not what is measured."""
        program = contestant.arguments(self._programs, {})[0]
        subprocess.run([program, "--version"], env=child_environment(), stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        (directory / _LIST_NAME).read_bytes()

    def _run_one(self, contestant: Contestant, place: Place, result: Result, every_byte: bool) -> dict:
        """A run. What a cached source lost of its pages meanwhile is part of the sample; where a run leaves nothing
        behind, it is made again then: the kernel took pages away, whoever was running."""
        for attempt in range(_ATTEMPTS_MAX):
            sample = self._run_once(contestant, place, result, every_byte)
            if not sample.get("pagesLost") or result.scenario.job.output_room() != Room(0, 0):
                break
            log(f"   {contestant.name}: {sample['pagesLost']} pages of the source were dropped meanwhile"
                + ("; again" if attempt + 1 < _ATTEMPTS_MAX else ""))
        return sample

    def _run_once(self, contestant: Contestant, place: Place, result: Result, every_byte: bool) -> dict:
        self._runs += 1
        output = place.directory / f"result-{self._runs:05}"
        try:
            sample = self._measure(contestant, place, result, output)
            result.scenario.job.check(output, sample.get("report"), self._conditions.seed, every_byte)
            return sample
        finally:
            self._clear_up(output, place, result.scenario)

    def _measure(self, contestant: Contestant, place: Place, result: Result, output: Path) -> dict:
        scenario, name = result.scenario, output.name
        touched = self._prepare(contestant, place, result)
        words = {DESTINATION: name, f"{DESTINATION}/": f"{name}/", LIST: _LIST_NAME, TEMPORARY: str(self._temporary)}
        if tree := scenario.job.source:
            words |= {SOURCE: tree.name, f"{SOURCE}/": f"{tree.name}/"}
        arguments = contestant.arguments(self._programs, words)
        cost = measure(self._conditions.tools, arguments, place.directory, sync_file_system=scenario.synced)
        sample = cost.as_sample() | {"touchSeconds": touched}
        if scenario.cached:
            sample["pagesLost"] = missing_pages(tree, place.directory / tree.name)
        report = contestant.report(cost.output)
        if report is not None:
            sample["report"] = report
            inside = reported(report, "seconds")
            if inside is not None:
                sample[INSIDE] = inside
        return sample

    def _clear_up(self, output: Path, place: Place, scenario: Scenario) -> None:
        """Out of the memory that the ballast leaves."""
        if not output.exists():
            return
        if not place.keeps_results:
            subprocess.run(["rm", "-rf", str(output)], check=True)
        elif scenario.cached is not False:
            os.sync()
            drop_pages(output)
