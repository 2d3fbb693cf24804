"""How much memory there is."""

from .errors import BenchmarkError
from .sizes import GIB

# Memory that touching leaves alone, so that it does not push out more than caches.
TOUCH_RESERVE = GIB // 2


def available_memory() -> int:
    """MemAvailable in bytes: free memory plus the caches the kernel would give up."""
    with open("/proc/meminfo") as lines:
        for line in lines:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    raise BenchmarkError("/proc/meminfo names no MemAvailable")
