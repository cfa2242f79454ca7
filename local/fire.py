"""Child process: fires schedules at an instant of one's choice: `python -m local.fire 2026-11-01T12:00:00Z generate_daily …`.

The event is the one that EventBridge sends, the function is the one that is deployed; only the clock is ours.
"""

from __future__ import annotations

import sys
from datetime import datetime

from local.functions import call, load_app
from local.schedules import scheduled_event


def main() -> None:
    """Call each function with the event of that instant."""
    instant, *names = sys.argv[1:]
    app = load_app()
    for name in names:
        call(app, name, scheduled_event(name, datetime.fromisoformat(instant)))


if __name__ == "__main__":
    main()
