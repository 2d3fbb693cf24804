"""python3 -m bench.scaling: see bench/README.md."""

import sys

from ..common.command import run_command
from ..common.targets import Verdict
from ..many.__main__ import ManyFiles
from ..many.runner import Result
from ..many.scenarios import Scenario
from .markdown import markdown_report, models
from .options import counts, parse
from .points import make_scenarios


class Scaling(ManyFiles):
    """bench/many's trees and copiers at other sizes."""

    name = "scaling"
    quick_names = short_names = ()  # all: they differ with the counts
    never_unasked = ()

    def on_request(self) -> tuple[str, ...]:
        return ()

    def _unasked(self, available: list[str]) -> list[str]:
        return available

    def scenarios(self, file_system: str) -> dict[str, Scenario]:
        return make_scenarios(file_system, counts(self.options))

    def programs(self) -> dict[str, str]:
        return {"cp": "cp", "uringcp": str(self.options.uringcp)}

    def missing_peers(self, _file_system: str) -> list[str]:
        return []

    def settings(self) -> dict:
        return {}

    def judge(self, _results: dict[str, Result]) -> list[Verdict]:
        return []

    def markdown(self, document: dict, results: dict[str, Result], _verdicts: list[Verdict]) -> str:
        document["models"] = {program: model.as_json() for program, (model, _) in models(results).items()}
        return markdown_report(document, results)


if __name__ == "__main__":
    sys.exit(run_command("bench.scaling", sys.argv[1:], parse, Scaling))
