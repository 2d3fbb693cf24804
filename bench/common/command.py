"""What every benchmark's command does around its measurements."""

import argparse
import os
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from . import image
from .errors import BenchmarkError, Interrupted
from .interrupts import raise_on_ending_signals
from .report import log, write_report
from .targets import Verdict


class _Scenario(Protocol):
    name: str


Scenario = TypeVar("Scenario", bound=_Scenario)
Result = TypeVar("Result")


def run_command(module: str, arguments: list[str], parse: Callable[[list[str]], argparse.Namespace],
                benchmark: Callable[[argparse.Namespace, bool], int]) -> int:
    """Parses and runs `benchmark(options, has_private_mounts)`; returns the exit status."""
    raise_on_ending_signals()
    try:
        options = parse(arguments)
        has_private_mounts = False
        if os.geteuid() != 0 and not options.no_image:
            log("not root: no image and no loop device, working in a new directory")
        elif not options.no_image:
            has_private_mounts = image.enter_private_mounts(module, arguments)
            if not has_private_mounts:
                log("no private mounts here: no image, working in a new directory")
        return benchmark(options, has_private_mounts)
    except (BenchmarkError, OSError) as error:
        log(f"{module}: {error}")
        return 1
    except Interrupted as interrupted:
        log(f"{module}: interrupted, everything is cleaned up")
        return 128 + interrupted.signal_number


def run_while_possible(module: str, scenarios: Iterable[Scenario],
                       run: Callable[[Scenario], Result]) -> tuple[dict[str, Result], str]:
    """The results by name, and why it was broken off ("" if it was not); fails if there are none."""
    results: dict[str, Result] = {}
    for scenario in scenarios:
        try:
            results[scenario.name] = run(scenario)
        except (BenchmarkError, Interrupted) as error:
            if not results:
                raise
            # What was measured until then is worth keeping.
            reason = "interrupted" if isinstance(error, Interrupted) else error
            broken_off = f"broken off in {scenario.name}: {reason}"
            log(f"{module}: {broken_off}")
            return results, broken_off
    return results, ""


def conclude(options: argparse.Namespace, document: dict, results: dict[str, Result], broken_off: str,
             verdicts: list[Verdict], scenario_json: Callable[[Result], dict],
             markdown: Callable[[dict, dict[str, Result], list[Verdict]], str]) -> int:
    """Completes the document, writes and prints the report; returns the exit status."""
    document["scenarios"] = [scenario_json(result) for result in results.values()]
    document["targets"] = [verdict.as_json() for verdict in verdicts]
    text = markdown(document, results, verdicts)
    paths = write_report(options.output, document, text)
    print(text)
    log(f"written: {', '.join(path.name for path in paths)}")
    failed = any(result.failures for result in results.values())
    unmet = options.require and any(verdict.met is False for verdict in verdicts)
    return 1 if failed or unmet or broken_off else 0
