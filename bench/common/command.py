"""What every benchmark's command does around its measurements."""

import argparse
import os
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from . import image
from .errors import BenchmarkError, Interrupted
from .interrupts import raise_on_ending_signals
from .report import log


class _Scenario(Protocol):
    name: str


class _Runnable(Protocol):
    def run(self) -> int: ...


Scenario = TypeVar("Scenario", bound=_Scenario)
Result = TypeVar("Result")


def run_command(module: str, arguments: list[str], parse: Callable[[list[str]], argparse.Namespace],
                benchmark: Callable[[argparse.Namespace, bool], _Runnable]) -> int:
    """Parses, makes `benchmark(options, has_private_mounts)` and runs it; returns the exit status."""
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
        return benchmark(options, has_private_mounts).run()
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
