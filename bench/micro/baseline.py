"""The stored costs, and what they were counted with."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ..common.errors import BenchmarkError
from .comparison import Cost

PATH = Path(__file__).with_name("baseline.json")


@dataclass(frozen=True)
class Baseline:
    compiler: str
    architecture: str
    costs: dict[str, Cost]


def compiler_version(swift: str) -> str:
    try:
        done = subprocess.run([swift, "--version"], capture_output=True, text=True)
    except FileNotFoundError:
        raise BenchmarkError(f"no Swift compiler: {swift}") from None
    # The first line may begin with the driver's version.
    text = done.stdout.splitlines()[0] if done.stdout else ""
    return text[text.find("Swift version"):] if "Swift version" in text else text


def architecture() -> str:
    return os.uname().machine


def read_baseline() -> Baseline | None:
    """None where there is none yet."""
    if not PATH.exists():
        return None
    document = json.loads(PATH.read_text())
    return Baseline(document["compiler"], document["architecture"],
                    {name: Cost(**cost) for name, cost in document["costs"].items()})


def write_baseline(baseline: Baseline) -> None:
    document = {"compiler": baseline.compiler, "architecture": baseline.architecture,
                "costs": {name: cost.as_json() for name, cost in sorted(baseline.costs.items())}}
    unfinished = PATH.with_name(PATH.name + ".new")
    unfinished.write_text(json.dumps(document, indent=1) + "\n")
    os.replace(unfinished, PATH)
