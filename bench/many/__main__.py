"""python3 -m bench.many: see bench/README.md."""

import sys
from contextlib import ExitStack
from pathlib import Path

from ..common import image
from ..common.benchmark import Benchmark, Conditions
from ..common.command import run_command
from ..common.targets import Verdict
from ..common.tools import compile_program
from .contestants import missing_peers, program_paths
from .markdown import markdown_report
from .options import counts, parse
from .places import Directories, Images, Memory, Places, directory_workspace
from .runner import Result, Runner
from .scenarios import QUICK_NAMES, SHORT_NAMES, Scenario, make_scenarios
from .summary import Summary, summarize
from .targets import judge_all


class ManyFiles(Benchmark[Scenario, Result]):
    name = "many"
    quick_names = QUICK_NAMES
    short_names = SHORT_NAMES
    never_unasked = ("million",)

    def on_request(self) -> tuple[str, ...]:
        return ("million",) if self.options.million else ()

    def scenarios(self, file_system: str) -> dict[str, Scenario]:
        return make_scenarios(file_system, counts(self.options))

    def rounds(self, scenario: Scenario) -> int:
        return 1 if scenario.only_round else self.options.rounds

    def open_place(self, stack: ExitStack) -> Places:
        options = self.options
        # Chosen here too, so that a wrong name is told before anything is made.
        scenarios = self.choose(options.fs if self.has_private_mounts else image.file_system_of(self.work))
        if self.has_private_mounts and image.is_memory(options.fs):
            return Memory(self.work, options.leave)
        if self.has_private_mounts:
            return Images(self.work, options.fs, options.image_size)
        rooms = [scenario.room(self.rounds(scenario) + 1) for scenario in scenarios]
        return Directories(stack.enter_context(directory_workspace(self.work, rooms)))

    def runner(self, place: Places, conditions: Conditions, built: Path) -> Runner:
        minimal = compile_program(Path(__file__).with_name("minimal.c"), built)
        programs = program_paths(str(self.options.uringcp), str(self.options.uringtool), str(minimal))
        return Runner(place, conditions, programs, built)

    def programs(self) -> dict[str, str]:
        return {"cp": "cp", "rsync": "rsync", "python": sys.executable,
                "uringcp": str(self.options.uringcp), "uringtool": str(self.options.uringtool)}

    def missing_peers(self, file_system: str) -> list[str]:
        return missing_peers(file_system)

    def settings(self) -> dict:
        options = self.options
        return {"files": options.files, "csvFiles": options.csv_files, "durableLines": options.durable_lines}

    def judge(self, results: dict[str, Result]) -> list[Verdict]:
        return judge_all(results)

    def summarize(self, result: Result, name: str) -> Summary:
        return summarize(result, name)

    def describe(self, result: Result) -> dict:
        return {"decides": result.scenario.decides, "workspace": result.place}

    def markdown(self, document: dict, results: dict[str, Result], verdicts: list[Verdict]) -> str:
        return markdown_report(document, results, verdicts)


if __name__ == "__main__":
    sys.exit(run_command("bench.many", sys.argv[1:], parse, ManyFiles))
