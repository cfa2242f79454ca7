"""CPU time of this process, and a reference loop that tells how fast the processor is just now.

Never wall time: the machine has other work. CPU seconds stretch too when a core is shared, so the reference is printed with them.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable

REFERENCE_STEPS = 1_000_000


def cpu_seconds(call: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    begun = time.process_time()
    call()
    return time.process_time() - begun


def fastest(call: Callable[[], object], repeats: int) -> float:
    """CPU seconds of the fastest of some calls: what the code takes when it is disturbed least."""
    return min(cpu_seconds(call) for _ in range(repeats))


def child_seconds(run: Callable[[], object]) -> float:
    """CPU seconds, user and system, of the child processes that a call starts and waits for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def peak_mib() -> float:
    """The most memory this process had resident, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def reference_seconds(repeats: int) -> float:
    """CPU seconds of a million additions in a loop, the fastest of some tries."""
    return fastest(_reference, repeats)


def _reference() -> None:
    total = 0
    for number in range(REFERENCE_STEPS):
        total += number
