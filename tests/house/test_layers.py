"""The outermost arrow, which import-linter cannot check because app.py is no package: the app knows the doors alone."""

from __future__ import annotations

import ast
from pathlib import Path

APP = Path(__file__).parents[2] / "app.py"
LINES = 100
"""app.py registers and forwards; what needs more room is logic and belongs behind a door."""

DOORS_AND_WORDS = ("chalicelib.handlers", "chalicelib.domain")


def test_app_imports_nothing_behind_the_doors() -> None:
    """app.py imports doors, and words of the domain to tell them what is asked for."""
    tree = ast.parse(APP.read_text(encoding="utf-8"))
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    modules += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert [name for name in modules if name.startswith("chalicelib") and not name.startswith(DOORS_AND_WORDS)] == []


def test_app_holds_no_logic() -> None:
    """app.py stays short."""
    assert len(APP.read_text(encoding="utf-8").splitlines()) <= LINES
