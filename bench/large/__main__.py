"""python3 -m bench.large: see bench/README.md."""

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
from ..common.sizes import GIB
from ..common.tools import build_tools
from .markdown import markdown_report
from .options import describe_remark, parse
from .runner import Result, Runner
from .scenarios import QUICK_NAMES, Scenario, make_scenarios
from .summary import summarize
from .targets import judge_all

MODULE = "bench.large"
SCHEMA = 1


def _choose(options, file_system: str) -> list[Scenario]:
    available = make_scenarios(file_system, options.size)
    wanted = options.scenario or (QUICK_NAMES if options.quick else list(available))
    if options.scenario and (missing := set(wanted) - set(available)):
        raise BenchmarkError(f"{file_system} has no scenario {', '.join(sorted(missing))}")
    chosen = [each for name, each in available.items() if name in wanted]
    if not options.only:
        return chosen
    known = {each.name for scenario in chosen for each in scenario.contestants}
    if unknown := set(options.only) - known:
        raise BenchmarkError(f"no contestant {', '.join(sorted(unknown))}; there are: {', '.join(sorted(known))}")
    return [dataclasses.replace(scenario, contestants=[
        each for each in scenario.contestants if each == scenario.baseline or each.name in options.only])
        for scenario in chosen]


def _rounds(options, scenario: Scenario) -> int:
    return options.pairs if scenario.many_pairs else options.rounds


def _workspace(options, work: Path, has_private_mounts: bool) -> image.Workspace:
    # The two sources, one copy, fio's file, and room for the file system's own structures.
    needed = 4 * options.size + GIB
    # Chosen here too, so that a wrong name is told before an image is made.
    scenarios = _choose(options, options.fs if has_private_mounts else image.file_system_of(work))
    if has_private_mounts:
        return image.ImageWorkspace(work, options.fs, options.image_size, needed)
    copies = sum(scenario.space_needed(_rounds(options, scenario)) for scenario in scenarios)
    return image.DirectoryWorkspace(work, needed, needed + copies)


def _document(options, workspace: image.Workspace, work: Path, ballast_bytes: int, broken_off: str) -> dict:
    programs = {"cp": "cp", "dd": "dd", "fio": "fio", "uringcp": str(options.uringcp)}
    return {
        "schema": SCHEMA, "benchmark": "large", "date": machine.now(),
        "machine": machine.describe_machine(work),
        "versions": machine.versions(programs),
        "commit": machine.git_commit(REPOSITORY),
        "settings": {
            "fileSystem": workspace.file_system, "workspace": workspace.description, "sizeBytes": options.size,
            "rounds": options.rounds, "pairs": options.pairs, "seed": options.seed, "ballastBytes": ballast_bytes,
            "leaveBytes": options.leave, "settleSeconds": options.settle,
            "remark": "; ".join(filter(None, (describe_remark(options), broken_off))),
        },
    }


def _scenario_json(result: Result) -> dict:
    commands = {each.name: " ".join(each.command) for each in result.scenario.contestants}
    return {
        "name": result.scenario.name, "title": result.scenario.title, "baseline": result.scenario.baseline.name,
        "cachedSource": result.scenario.cached, "ballast": result.scenario.ballast,
        "sourceBytes": result.scenario.source.size, "sourceDataBytes": result.scenario.source.data,
        "limit": result.limit.as_json() if result.limit else None,
        "notes": result.notes, "warnings": result.noise(),
        "contestants": [
            {"name": name, "command": commands.get(name), "failure": result.failures.get(name),
             "summary": summarize(result, name).as_json(), "samples": samples}
            for name, samples in result.samples.items()],
    }


def _benchmark(options, has_private_mounts: bool) -> int:
    work = work_directory(options.work)
    with ExitStack() as stack:
        stack.enter_context(only_benchmark_here())
        # Not in `work`: an image run leaves nothing there to remove but the mount point.
        tools = build_tools(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-tools-"))))
        workspace = stack.enter_context(_workspace(options, work, has_private_mounts))
        log(f"working in {workspace.description}\nseed {options.seed}")
        ballast = stack.enter_context(Ballast(tools, options.leave))
        stack.callback(ignore_ending_signals)  # what is left to do from there is the clean-up
        scenarios = _choose(options, workspace.file_system)
        runner = Runner(workspace=workspace, tools=tools, ballast=ballast, uringcp=str(options.uringcp),
                        rng=random.Random(options.seed), seed=options.seed, settle=options.settle,
                        verify_all=options.verify_all)
        results, broken_off = run_while_possible(
            MODULE, scenarios, lambda scenario: runner.run(scenario, _rounds(options, scenario)))
        document = _document(options, workspace, work, ballast.held_most, broken_off)

    return conclude(options, document, results, broken_off, judge_all(results), _scenario_json, markdown_report)


if __name__ == "__main__":
    sys.exit(run_command(MODULE, sys.argv[1:], parse, _benchmark))
