"""Says on what a benchmark ran. Names no host, user or path."""

import os
import shutil
import subprocess
from datetime import datetime, timezone
from pathlib import Path

from .sizes import GIB


def _first_line(*command: str) -> str | None:
    if shutil.which(command[0]) is None:
        return None
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = (done.stdout or done.stderr).strip().splitlines()
    return lines[0] if done.returncode == 0 and lines else None


def _field(path: str, name: str, separator: str) -> str | None:
    try:
        for line in Path(path).read_text().splitlines():
            key, found, value = line.partition(separator)
            if found and key.strip() == name:
                return value.strip().strip('"')
    except OSError:
        pass
    return None


def device_of(path: Path) -> str:
    """The kind of block device under `path`: `virtio disk`, `NVMe SSD`, …"""
    number = path.stat().st_dev
    device = Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}")
    if not device.exists():
        return "unknown device"  # an anonymous device number: btrfs, overlay, a network file system
    device = device.resolve()
    if (device / "partition").exists():
        device = device.parent
    kinds = {"vd": "virtio disk", "nvme": "NVMe SSD", "sd": "SCSI or SATA disk", "loop": "loop device",
             "mmcblk": "MMC", "dm-": "device-mapper volume", "md": "software RAID", "xvd": "Xen disk"}
    kind = next((text for prefix, text in kinds.items() if device.name.startswith(prefix)), device.name)
    try:
        model = (device / "device/model").read_text().strip()
    except OSError:
        model = ""
    return f"{kind} ({model})" if model else kind


def git_commit(repository: Path) -> str | None:
    """The commit, with `-dirty` if files differ from it; None outside a checkout."""
    commit = _first_line("git", "-C", str(repository), "rev-parse", "--short=12", "HEAD")
    if commit is None:
        return None
    changes = _first_line("git", "-C", str(repository), "status", "--porcelain")
    return f"{commit}-dirty" if changes else commit


def describe_machine(work: Path) -> dict:
    memory = _field("/proc/meminfo", "MemTotal", ":") or "0 kB"
    flags = _field("/proc/cpuinfo", "flags", ":") or ""
    return {
        "system": _field("/etc/os-release", "PRETTY_NAME", "=") or "Linux",
        "kernel": os.uname().release,
        "architecture": os.uname().machine,
        "processor": _field("/proc/cpuinfo", "model name", ":") or os.uname().machine,
        "cores": len(os.sched_getaffinity(0)),
        "memoryBytes": int(memory.split()[0]) * 1024,
        "virtualMachine": "hypervisor" in flags.split(),
        "device": device_of(work),
    }


def machine_line(machine: dict) -> str:
    """One sentence for a report's head."""
    kind = "virtual machine, " if machine["virtualMachine"] else ""
    return (f"{kind}{machine['cores']} cores of {machine['processor']}, "
            f"{machine['memoryBytes'] / GIB:.0f} GiB, {machine['device']}, "
            f"{machine['system']}, Linux {machine['kernel']}")


def versions(programs: dict[str, str]) -> dict:
    """The first line each program, a path by name, answers to `--version`; None for one that is not there."""
    return {name: _version(name, program) for name, program in programs.items()}


def _version(name: str, program: str) -> str | None:
    line = _first_line(program, "--version")
    return line and line.replace(program, name).partition(" - ")[0]  # some answer with their path, or their author


def now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
