"""python3 -m bench.many: see bench/README.md."""

import dataclasses
import random
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from ..common import image, machine
from ..common.ballast import Ballast
from ..common.command import conclude, run_command, run_while_possible
from ..common.errors import BenchmarkError
from ..common.exclusive import only_benchmark_here
from ..common.interrupts import ignore_ending_signals
from ..common.options import REPOSITORY, work_directory
from ..common.report import log
from ..common.tools import build_tools, compile_program
from .contestants import missing_peers, program_paths
from .markdown import markdown_report
from .options import counts, describe_remark, parse
from .places import Directories, Images, directory_workspace
from .runner import Result, Runner
from .scenarios import Scenario, make_scenarios
from .summary import summarize
from .targets import judge_all

MODULE = "bench.many"
SCHEMA = 1


def _choose(options, file_system: str) -> list[Scenario]:
    available = make_scenarios(file_system, counts(options))
    wanted = options.scenario or [name for name in available if name != "million"]
    if options.million:
        wanted = [*wanted, "million"]
    chosen = [each for name, each in available.items() if name in wanted]
    if not options.only:
        return chosen
    known = {each.name for scenario in chosen for each in scenario.contestants}
    if unknown := set(options.only) - known:
        raise BenchmarkError(f"no contestant {', '.join(sorted(unknown))}; there are: {', '.join(sorted(known))}")
    return [dataclasses.replace(scenario, contestants=[
        each for each in scenario.contestants if each.name in scenario.baselines or each.name in options.only])
        for scenario in chosen]


def _rounds(options, scenario: Scenario) -> int:
    return 1 if scenario.only_round else options.rounds


def _places(options, work: Path, has_private_mounts: bool, stack: ExitStack) -> Images | Directories:
    # Chosen here too, so that a wrong name is told before anything is made.
    scenarios = _choose(options, options.fs if has_private_mounts else image.file_system_of(work))
    if has_private_mounts:
        return Images(work, options.fs, options.image_size)
    rooms = [scenario.room(_rounds(options, scenario) + 1) for scenario in scenarios]
    return Directories(stack.enter_context(directory_workspace(work, rooms)))


def _document(options, places: Images | Directories, work: Path, ballast_bytes: int, broken_off: str) -> dict:
    programs = {"cp": "cp", "rsync": "rsync", "python": sys.executable,
                "uringcp": str(options.uringcp), "uringtool": str(options.uringtool)}
    return {
        "schema": SCHEMA, "benchmark": "many", "date": machine.now(),
        "machine": machine.describe_machine(work),
        "versions": machine.versions(programs),
        "commit": machine.git_commit(REPOSITORY),
        "settings": {
            "fileSystem": places.file_system, "workspace": places.description, "files": options.files,
            "csvFiles": options.csv_files, "durableLines": options.durable_lines, "rounds": options.rounds,
            "seed": options.seed, "ballastBytes": ballast_bytes, "leaveBytes": options.leave,
            "settleSeconds": options.settle, "missingPeers": missing_peers(places.file_system),
            "remark": "; ".join(filter(None, (describe_remark(options), broken_off))),
        },
    }


def _scenario_json(result: Result) -> dict:
    scenario = result.scenario
    commands = {each.name: " ".join((each.command[0], *(Path(word).name if word.startswith("/") else word
                                                        for word in each.command[1:])))
                for each in scenario.contestants}
    return {
        "name": scenario.name, "title": scenario.title, "baseline": result.baseline, "decides": scenario.decides,
        "cachedSource": scenario.cached, "workspace": result.place,
        "notes": result.notes, "warnings": result.noise(),
        "contestants": [
            {"name": name, "command": commands[name], "failure": result.failures.get(name),
             "summary": summarize(result, name).as_json(), "samples": samples}
            for name, samples in result.samples.items()],
    }


def _benchmark(options, has_private_mounts: bool) -> int:
    work = work_directory(options.work)
    with ExitStack() as stack:
        stack.enter_context(only_benchmark_here())
        # Not in `work`: an image run leaves nothing there to remove but the mount point.
        built = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-tools-")))
        tools = build_tools(built)
        minimal = compile_program(Path(__file__).with_name("minimal.c"), built)
        places = _places(options, work, has_private_mounts, stack)
        log(f"working in {places.description}\nseed {options.seed}")
        ballast = stack.enter_context(Ballast(tools, options.leave))
        scenarios = _choose(options, places.file_system)
        runner = Runner(places=places, tools=tools, ballast=ballast,
                        programs=program_paths(str(options.uringcp), str(options.uringtool), str(minimal)),
                        rng=random.Random(options.seed), seed=options.seed, settle=options.settle,
                        verify_all=options.verify_all)
        stack.callback(ignore_ending_signals)  # what is left to do from there is the clean-up
        results, broken_off = run_while_possible(
            MODULE, scenarios, lambda scenario: runner.run(scenario, _rounds(options, scenario)))
        document = _document(options, places, work, ballast.held_most, broken_off)

    return conclude(options, document, results, broken_off, judge_all(results), _scenario_json, markdown_report)


if __name__ == "__main__":
    sys.exit(run_command(MODULE, sys.argv[1:], parse, _benchmark))
