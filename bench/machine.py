"""What was measured on: processor, memory, Python, and how busy it was."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

METHOD = (
    "CPU seconds of the process (user and system), the fastest of several repeats; each case in a process of its own. The "
    "reference is a loop of a million additions at the same time: CPU seconds stretch when others share the cores, so compare "
    "ratios to it."
)


def describe_machine() -> dict[str, Any]:
    """The machine as written to the results; `load` is the one-minute average before the run."""
    return {
        "processor": _field("/proc/cpuinfo", "model name") or platform.processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "memory": _field("/proc/meminfo", "MemTotal"),
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "date": datetime.now(UTC).date().isoformat(),
    }


def _field(file: str, name: str) -> str:
    path = Path(file)
    lines = path.read_text().splitlines() if path.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
