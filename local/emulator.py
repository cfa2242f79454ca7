"""Child process: the AWS emulator, started so that it ends with its parent.

Runs MiniStack in this process; all of its settings come from the environment that `local.ministack` gives it.
"""

from __future__ import annotations

import importlib

from local.children import stop_with_parent


def main() -> None:
    """Serve until SIGTERM, then save all state."""
    stop_with_parent()
    importlib.import_module("ministack.services.cloudformation")  # slow to import: done while the parent is busy elsewhere
    importlib.import_module("ministack.app").main()


if __name__ == "__main__":
    main()
