"""A benchmark from its options to its report: what all of them do here, what each says of itself in its own package."""

import argparse
import dataclasses
import random
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from . import machine
from .ballast import Ballast
from .command import run_while_possible
from .errors import BenchmarkError
from .exclusive import only_benchmark_here
from .image import is_memory
from .interrupts import ignore_ending_signals
from .options import REPOSITORY, describe_remark, work_directory
from .report import log, publish
from .targets import Verdict
from .tools import Tools, build_tools

SCHEMA = 1


class ScenarioLike(Protocol):
    name: str
    title: str
    contestants: list
    baselines: tuple[str, ...]  # names; they take part whoever else does
    cached: bool | None


class ResultLike(Protocol):
    scenario: ScenarioLike
    baseline: str
    samples: dict[str, list[dict]]
    failures: dict[str, str]
    notes: list[str]

    def noise(self) -> list[str]: ...


Scenario = TypeVar("Scenario", bound=ScenarioLike)
Result = TypeVar("Result", bound=ResultLike)


@dataclass(frozen=True)
class Conditions:
    """What all runs of a benchmark share."""

    tools: Tools
    ballast: Ballast
    rng: random.Random
    seed: int
    settle: float
    verify_all: bool


class Benchmark(ABC, Generic[Scenario, Result]):
    name: str  # begins its results' names
    quick_names: tuple[str, ...]  # of the scenarios that --quick runs
    short_names: tuple[str, ...]  # and --short
    never_unasked: tuple[str, ...] = ()

    def __init__(self, options: argparse.Namespace, has_private_mounts: bool):
        self.options = options
        self.has_private_mounts = has_private_mounts
        self.work = work_directory(options.work)

    @abstractmethod
    def scenarios(self, file_system: str) -> dict[str, Scenario]:
        """All by name."""

    def on_request(self) -> tuple[str, ...]:
        """Those that an option of the benchmark's own asks for."""
        return ()

    @abstractmethod
    def rounds(self, scenario: Scenario) -> int: ...

    @abstractmethod
    def open_place(self, stack: ExitStack) -> Any:
        """Where the runs work, closed by `stack`; it has a `file_system` and a `description`."""

    @abstractmethod
    def runner(self, place: Any, conditions: Conditions, built: Path) -> Any:
        """What has `run(scenario, rounds)`. Programs of its own, and what lasts no longer, go into `built`."""

    @abstractmethod
    def programs(self) -> dict[str, str]:
        """Those whose versions the report names."""

    @abstractmethod
    def missing_peers(self, file_system: str) -> list[str]: ...

    @abstractmethod
    def settings(self) -> dict:
        """The report's, beside what every benchmark has."""

    @abstractmethod
    def judge(self, results: dict[str, Result]) -> list[Verdict]: ...

    @abstractmethod
    def summarize(self, result: Result, name: str) -> Any:
        """What has `as_json`."""

    @abstractmethod
    def describe(self, result: Result) -> dict:
        """The JSON of a scenario, beside what every scenario has."""

    @abstractmethod
    def markdown(self, document: dict, results: dict[str, Result], verdicts: list[Verdict]) -> str: ...

    def run(self) -> int:
        """Returns the exit status."""
        options = self.options
        started = time.monotonic()
        with ExitStack() as stack:
            stack.enter_context(only_benchmark_here())
            # Not in the work directory: an image run leaves nothing there to remove but the mount point.
            built = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-tools-")))
            tools = build_tools(built)
            place = self.open_place(stack)
            log(f"working in {place.description}\nseed {options.seed}")
            ballast = stack.enter_context(Ballast(tools, options.leave))
            scenarios = self.choose(place.file_system)
            runner = self.runner(place, Conditions(tools, ballast, random.Random(options.seed), options.seed,
                                                   options.settle, options.verify_all), built)
            stack.callback(ignore_ending_signals)  # what is left to do from there is the clean-up
            results, broken_off = run_while_possible(
                f"bench.{self.name}", scenarios, lambda scenario: runner.run(scenario, self.rounds(scenario)))
            document = self._document(place, ballast.held_most, time.monotonic() - started, broken_off)

        verdicts = self.judge(results)
        document["scenarios"] = [self._scenario_json(result) for result in results.values()]
        document["targets"] = [verdict.as_json() for verdict in verdicts]
        publish(options.output, document, self.markdown(document, results, verdicts))
        failed = any(result.failures for result in results.values())
        unmet = options.require and any(verdict.met is False for verdict in verdicts)
        return 1 if failed or unmet or broken_off else 0

    def choose(self, file_system: str) -> list[Scenario]:
        """The scenarios to run, with the contestants that take part."""
        options = self.options
        available = self.scenarios(file_system)
        if missing := set(options.scenario or ()) - available.keys():
            raise BenchmarkError(f"{file_system} has no scenario {', '.join(sorted(missing))}")
        wanted = (*(options.scenario or self._unasked(list(available))), *self.on_request())
        chosen = [each for name, each in available.items() if name in wanted]
        if not options.only:
            return chosen
        known = {each.name for scenario in chosen for each in scenario.contestants}
        if unknown := set(options.only) - known:
            raise BenchmarkError(f"no contestant {', '.join(sorted(unknown))}; there are: {', '.join(sorted(known))}")
        return [dataclasses.replace(scenario, contestants=[
            each for each in scenario.contestants if each.name in scenario.baselines or each.name in options.only])
            for scenario in chosen]

    def _unasked(self, available: list[str]) -> Iterable[str]:
        if self.options.quick:
            return self.quick_names
        if self.options.short:
            return self.short_names
        return (name for name in available if name not in self.never_unasked)

    def _document(self, place: Any, ballast_bytes: int, seconds_taken: float, broken_off: str) -> dict:
        options = self.options
        return {
            "schema": SCHEMA, "benchmark": self.name, "date": machine.now(),
            "machine": machine.describe_machine(self.work),
            "versions": machine.versions(self.programs()),
            "commit": machine.git_commit(REPOSITORY), "secondsTaken": round(seconds_taken),
            "settings": {
                "fileSystem": place.file_system, "workspace": place.description, **self.settings(),
                "rounds": options.rounds, "seed": options.seed, "ballastBytes": ballast_bytes,
                "leaveBytes": options.leave, "settleSeconds": options.settle,
                "missingPeers": self.missing_peers(place.file_system),
                "leftOut": _left_out(place.file_system),
                "remark": "; ".join(filter(None, (describe_remark(options), broken_off))),
            },
        }

    def _scenario_json(self, result: Result) -> dict:
        scenario = result.scenario
        commands = {each.name: _command_text(each.command) for each in scenario.contestants}
        return {
            "name": scenario.name, "title": scenario.title, "baseline": result.baseline,
            "cachedSource": scenario.cached, **self.describe(result),
            "notes": result.notes, "warnings": result.noise(),
            "contestants": [
                {"name": name, "command": commands.get(name), "failure": result.failures.get(name),
                 "summary": self.summarize(result, name).as_json(), "samples": samples}
                for name, samples in result.samples.items()],
        }


def _left_out(file_system: str) -> str | None:
    if is_memory(file_system):
        return "what starts from the disk or waits for it (uncached, durable, fio's limit): there is none"
    return None


def _command_text(command: tuple[str, ...]) -> str:
    """Names no path of this machine."""
    return " ".join((command[0], *(Path(word).name if word.startswith("/") else word for word in command[1:])))
