"""The data directory: ours or nobody's, wiped only when marked, used by one run at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.home import MARKER, LocalError, lock, open_home, wipe


def test_a_directory_with_other_things_is_refused(tmp_path: Path) -> None:
    """A directory that holds anything unmarked is neither used nor changed."""
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(LocalError, match="holds other things"):
        open_home(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_wiping_keeps_nothing_but_the_marker(tmp_path: Path) -> None:
    """`--fresh` deletes data, keys and logs, and the directory stays ours."""
    home = open_home(tmp_path / "data")
    (home.emulator / "dynamodb.json").write_text("{}")
    home.hold.touch()
    wipe(home)
    assert [path.name for path in home.root.iterdir()] == [MARKER]
    assert open_home(home.root).is_new


def test_wiping_does_not_follow_links(tmp_path: Path) -> None:
    """A link in the data directory is removed, what it points to stays."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept.txt").write_text("kept")
    home = open_home(tmp_path / "data")
    (home.root / "link").symlink_to(outside)
    wipe(home)
    assert (outside / "kept.txt").exists()


def test_a_second_run_on_the_same_directory_is_refused(tmp_path: Path) -> None:
    """Two emulators never write the same state."""
    home = open_home(tmp_path)
    with lock(home), pytest.raises(LocalError, match="Another run"):
        lock(home)
    lock(home).close()
