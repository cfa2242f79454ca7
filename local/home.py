"""The data directory of a local run: where everything lives, who owns it, and who uses it just now.

Wipes only a directory that carries its own marker, and lets one run at a time use it.
"""

from __future__ import annotations

import fcntl
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MARKER = ".billing-local"
MARKER_TEXT = "Data of a local run of the billing system. `--fresh` deletes this directory.\n"


class LocalError(Exception):
    """Something the person at the keyboard can put right; the message says how."""


@dataclass(frozen=True, slots=True)
class Home:
    """A data directory that is ours."""

    root: Path

    @property
    def keys(self) -> Path:
        """The key pair that signs local tokens."""
        return self._folder("keys")

    @property
    def emulator(self) -> Path:
        """State of the AWS emulator."""
        return self._folder("emulator")

    @property
    def logs(self) -> Path:
        """One log file per child process."""
        return self._folder("logs")

    @property
    def demo_note(self) -> Path:
        """Written when the demo has been loaded completely."""
        return self.root / "demo.json"

    @property
    def emulator_url(self) -> Path:
        """Where the emulator of the latest run listens, or listened."""
        return self.root / "emulator-url"

    @property
    def hold(self) -> Path:
        """While this file exists, schedules do not fire: the demo has the clock."""
        return self.root / "hold-schedules"

    @property
    def is_new(self) -> bool:
        """True until the emulator has run here once."""
        return not any(self.emulator.iterdir())

    def _folder(self, name: str) -> Path:
        folder = self.root / name
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder


def open_home(root: Path) -> Home:
    """The directory, made and marked if need be; refuses one that holds anything else."""
    root = root.expanduser().absolute()
    if root.is_dir() and any(root.iterdir()) and not (root / MARKER).is_file():
        raise LocalError(f"{root} holds other things; choose an empty or a new directory with --data.")
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        (root / MARKER).write_text(MARKER_TEXT, encoding="utf-8")
    except OSError as error:
        raise LocalError(f"{root} cannot be used for data: {error.strerror}.") from error
    return Home(root)


def wipe(home: Home) -> None:
    """Delete everything in the directory but the marker, which the lock holds. Call it with the lock held."""
    for entry in home.root.iterdir():
        if entry.name == MARKER:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def lock(home: Home) -> IO[str]:
    """Hold the directory until the returned file is closed or the process ends."""
    handle = (home.root / MARKER).open("r+", encoding="utf-8")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        raise LocalError(f"Another run uses {home.root}; stop it first, or choose another directory with --data.") from error
    return handle
