"""Where packaging puts the templates, and that they are found there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from chalicelib.render import templates_folder as module
from chalicelib.render.failures import TemplateFailed

find_anew = module.templates_folder.__wrapped__


def a_layer(folder: Path) -> Path:
    """A folder with a template in it."""
    (folder / "templates" / "shared").mkdir(parents=True)
    (folder / "templates" / "shared" / "document.html").touch()
    return folder / "templates"


def test_beside_the_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder beside app.py comes first."""
    monkeypatch.setattr(module, "PROJECT_ROOT", tmp_path / "root")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "layer")])
    a_layer(tmp_path / "layer")
    assert find_anew() == tmp_path / "layer" / "templates"
    assert find_anew() != a_layer(tmp_path / "root")
    assert find_anew() == tmp_path / "root" / "templates"


def test_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation without templates says so."""
    monkeypatch.setattr(module, "PROJECT_ROOT", tmp_path)
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(TemplateFailed, match="not part of this installation"):
        find_anew()
