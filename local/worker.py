"""Child process: calls functions for events, queue messages, changes of the books and schedules.

`python -m local.worker events DIR` serves all but the CPU-heavy functions, one thread per feed, stream or schedule;
`python -m local.worker <function> DIR` serves that one function alone. DIR is the data directory.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local import functions
from local.children import stop_with_parent
from local.home import Home
from local.pump import run_pump
from local.queues import find_feed
from local.schedules import run_schedule
from local.streams import run_stream

ALONE = {"render_document": 2}
"""Functions that get processes of their own, and how many: a PDF takes a core for a third of a second."""


def main() -> None:
    """Work until SIGTERM; the calls at hand are finished first."""
    stop_with_parent()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("botocore").setLevel(logging.WARNING)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    threads = [threading.Thread(target=target, args=(*arguments, stop)) for target, *arguments in _jobs(sys.argv[1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _jobs(role: str) -> Iterator[tuple[Any, ...]]:
    app = functions.load_app()
    for source in app.event_sources:
        alone = source.name in ALONE
        if (source.name != role) if alone else (role != "events"):
            continue
        if functions.source_kind(source) == "schedule":
            yield run_schedule, app, source, Home(Path(sys.argv[2])).hold
        elif functions.source_kind(source) == "stream":
            yield run_stream, app, source
        else:
            yield run_pump, app, find_feed(app, source.name)


if __name__ == "__main__":
    main()
