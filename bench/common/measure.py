"""Runs a contestant through measure.c and returns what it cost."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .errors import ContestantFailure
from .tools import Tools

_SECONDS_MAX = 900


@dataclass(frozen=True)
class Measurement:
    return_seconds: float
    disk_seconds: float | None
    user_seconds: float
    system_seconds: float
    sync_cpu_seconds: float
    max_resident_bytes: int
    context_switches: int
    output: str

    def as_sample(self) -> dict:
        return {
            "returnSeconds": self.return_seconds,
            "diskSeconds": self.disk_seconds,
            "cpuSeconds": self.user_seconds + self.system_seconds,
            "userSeconds": self.user_seconds,
            "systemSeconds": self.system_seconds,
            "syncCPUSeconds": self.sync_cpu_seconds,
            "maxResidentBytes": self.max_resident_bytes,
            "contextSwitches": self.context_switches,
        }


def child_environment() -> dict[str, str]:
    """Messages in English, and no option slipped in through the environment."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "POSIXLY"))}
    # Nor settings that somebody tuned: the defaults are measured.
    return environment | {"LC_ALL": "C", "XDG_CONFIG_HOME": "/nonexistent"}


def measure(tools: Tools, arguments: list[str], directory: Path, sync: str | None = None,
            sync_file_system: bool = False) -> Measurement:
    """Runs `arguments` in `directory`. Afterwards fsyncs the file `sync` and the directory, if it is named,
    and syncs the directory's file system, if that is asked for."""
    read_end, write_end = os.pipe()
    try:
        process = subprocess.Popen(
            [tools.measure, str(write_end), sync or "-", "." if sync else "-", "." if sync_file_system else "-",
             *arguments],
            cwd=directory, env=child_environment(), pass_fds=[write_end],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
        os.close(write_end)
        write_end = -1
        try:
            output, messages = process.communicate(timeout=_SECONDS_MAX)
        except BaseException:
            process.kill()  # and the program with it: measure.c asks the kernel for that
            process.communicate()
            raise
        line = os.read(read_end, 4096)
    except subprocess.TimeoutExpired:
        raise ContestantFailure(f"did not end within {_SECONDS_MAX} s") from None
    finally:
        os.close(read_end)
        if write_end >= 0:
            os.close(write_end)
    if not line:
        raise ContestantFailure(messages.strip() or "could not be measured")
    result = json.loads(line)
    if result["exitStatus"] != 0:
        ending = f"signal {result['signal']}" if result["signal"] else f"status {result['exitStatus']}"
        detail = messages.strip() or "\n".join(output.strip().splitlines()[-3:])
        raise ContestantFailure(f"{ending}: {detail}" if detail else ending)
    if result["syncError"]:
        raise ContestantFailure(f"syncing what it wrote: {os.strerror(result['syncError'])}")
    return Measurement(
        return_seconds=result["returnNanoseconds"] / 1e9,
        disk_seconds=result["diskNanoseconds"] / 1e9 if sync or sync_file_system else None,
        user_seconds=result["userMicroseconds"] / 1e6,
        system_seconds=result["systemMicroseconds"] / 1e6,
        sync_cpu_seconds=result["syncCPUMicroseconds"] / 1e6,
        max_resident_bytes=result["maxResidentBytes"],
        context_switches=result["voluntarySwitches"] + result["involuntarySwitches"],
        output=output)
