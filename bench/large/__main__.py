"""python3 -m bench.large: see bench/README.md."""

import sys
from contextlib import ExitStack
from pathlib import Path

from ..common import image
from ..common.benchmark import Benchmark, Conditions
from ..common.command import run_command
from ..common.sizes import GIB
from ..common.targets import Verdict
from .contestants import missing_peers, program_paths
from .markdown import markdown_report
from .options import parse
from .runner import Result, Runner
from .scenarios import QUICK_NAMES, SHORT_NAMES, Scenario, make_scenarios
from .summary import Summary, summarize
from .targets import judge_all


class LargeFiles(Benchmark[Scenario, Result]):
    name = "large"
    quick_names = QUICK_NAMES
    short_names = SHORT_NAMES

    def scenarios(self, file_system: str) -> dict[str, Scenario]:
        return make_scenarios(file_system, self.options.size)

    def rounds(self, scenario: Scenario) -> int:
        return self.options.pairs if scenario.many_pairs else self.options.rounds

    def open_place(self, stack: ExitStack) -> image.Workspace:
        options = self.options
        # Chosen here too, so that a wrong name is told before an image is made.
        scenarios = self.choose(options.fs if self.has_private_mounts else image.file_system_of(self.work))
        # The two sources, one copy, fio's file, and room for the file system's own structures.
        needed = 4 * options.size + GIB
        if self.has_private_mounts and image.is_memory(options.fs):
            # One source at a time there, and one copy.
            workspace = image.TmpfsWorkspace(self.work, 5 * options.size // 2, options.leave)
        elif self.has_private_mounts:
            workspace = image.ImageWorkspace(self.work, options.fs, options.image_size, needed)
        else:
            copies = sum(scenario.space_needed(self.rounds(scenario)) for scenario in scenarios)
            workspace = image.DirectoryWorkspace(self.work, needed, needed + copies)
        return stack.enter_context(workspace)

    def runner(self, place: image.Workspace, conditions: Conditions, built: Path) -> Runner:
        return Runner(place, conditions, program_paths(str(self.options.uringcp)))

    def programs(self) -> dict[str, str]:
        return {"cp": "cp", "dd": "dd", "fio": "fio", "pv": "pv", **program_paths(str(self.options.uringcp))}

    def missing_peers(self, file_system: str) -> list[str]:
        return missing_peers()

    def settings(self) -> dict:
        return {"sizeBytes": self.options.size, "pairs": self.options.pairs}

    def judge(self, results: dict[str, Result]) -> list[Verdict]:
        return judge_all(results)

    def summarize(self, result: Result, name: str) -> Summary:
        return summarize(result, name)

    def describe(self, result: Result) -> dict:
        scenario = result.scenario
        return {"ballast": scenario.ballast, "sourceBytes": scenario.source.size,
                "sourceDataBytes": scenario.source.data, "limit": result.limit.as_json() if result.limit else None}

    def markdown(self, document: dict, results: dict[str, Result], verdicts: list[Verdict]) -> str:
        return markdown_report(document, results, verdicts)


if __name__ == "__main__":
    sys.exit(run_command("bench.large", sys.argv[1:], parse, LargeFiles))
