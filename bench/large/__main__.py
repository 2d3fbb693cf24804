"""python3 -m bench.large: see bench/README.md."""

import dataclasses
import os
import random
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from ..common import image, machine
from ..common.ballast import Ballast
from ..common.errors import BenchmarkError, Interrupted
from ..common.exclusive import only_benchmark_here
from ..common.interrupts import ignore_ending_signals, raise_on_ending_signals
from ..common.report import write_report
from ..common.sizes import GIB
from ..common.tools import build_tools
from . import options as command_line
from .markdown import markdown_report
from .runner import Result, Runner
from .scenarios import QUICK_NAMES, Scenario, make_scenarios
from .summary import summarize
from .targets import judge_all

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


def _document(options, workspace: image.Workspace, work: Path, ballast_bytes: int) -> dict:
    return {
        "schema": SCHEMA, "benchmark": "large", "date": machine.now(),
        "machine": machine.describe_machine(work),
        "versions": machine.versions(str(options.uringcp)),
        "commit": machine.git_commit(command_line.REPOSITORY),
        "settings": {
            "fileSystem": workspace.file_system, "workspace": workspace.description, "sizeBytes": options.size,
            "rounds": options.rounds, "pairs": options.pairs, "seed": options.seed, "ballastBytes": ballast_bytes,
            "leaveBytes": options.leave, "settleSeconds": options.settle,
            "remark": command_line.describe_remark(options),
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
    work = command_line.work_directory(options.work)
    with ExitStack() as stack:
        stack.enter_context(only_benchmark_here())
        # Not in `work`: an image run leaves nothing there to remove but the mount point.
        tools = build_tools(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-tools-"))))
        workspace = stack.enter_context(_workspace(options, work, has_private_mounts))
        print(f"working in {workspace.description}\nseed {options.seed}", file=sys.stderr, flush=True)
        ballast = stack.enter_context(Ballast(tools, options.leave))
        stack.callback(ignore_ending_signals)  # what is left to do from there is the clean-up
        scenarios = _choose(options, workspace.file_system)
        runner = Runner(workspace=workspace, tools=tools, ballast=ballast, uringcp=str(options.uringcp),
                        rng=random.Random(options.seed), seed=options.seed, settle=options.settle,
                        verify_all=options.verify_all)
        document = None
        results: dict[str, Result] = {}
        broken_off = None
        for scenario in scenarios:
            try:
                results[scenario.name] = runner.run(scenario, _rounds(options, scenario))
            except BenchmarkError as error:
                # What was measured until then is worth keeping.
                if document is None:
                    raise
                broken_off = f"broken off in {scenario.name}: {error}"
                document["settings"]["remark"] = "; ".join(filter(None, (document["settings"]["remark"], broken_off)))
                print(f"bench.large: {broken_off}", file=sys.stderr)
                break
            document = document or _document(options, workspace, work, ballast.held)

    verdicts = judge_all(results)
    document["scenarios"] = [_scenario_json(result) for result in results.values()]
    document["targets"] = [verdict.as_json() for verdict in verdicts]
    text = markdown_report(document, results, verdicts)
    paths = write_report(options.output, document, text)
    print(text)
    print(f"written: {', '.join(path.name for path in paths)}", file=sys.stderr)
    failed = any(result.failures for result in results.values())
    unmet = options.require and any(verdict.met is False for verdict in verdicts)
    return 1 if failed or unmet or broken_off else 0


def main(arguments: list[str]) -> int:
    raise_on_ending_signals()
    try:
        options = command_line.parse(arguments)
        has_private_mounts = False
        if os.geteuid() != 0 and not options.no_image:
            print("not root: no image and no loop device, working in a new directory", file=sys.stderr)
        elif not options.no_image:
            has_private_mounts = image.enter_private_mounts("bench.large", arguments)
            if not has_private_mounts:
                print("no private mounts here: no image, working in a new directory", file=sys.stderr)
        return _benchmark(options, has_private_mounts)
    except BenchmarkError as error:
        print(f"bench.large: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"bench.large: {error}", file=sys.stderr)
        return 1
    except Interrupted as interrupted:
        print("bench.large: interrupted, everything is cleaned up", file=sys.stderr)
        return 128 + interrupted.signal_number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
