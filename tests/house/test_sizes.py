"""What is read by people stays readable: size of files and functions, and names that say something."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE_LINES, TEST_FILE_LINES, FUNCTION_LINES = 300, 400, 35
EMPTY_WORDS = {"common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}


def sources(*folders: str) -> list[Path]:
    """Python files of the folders, and app.py."""
    return [ROOT / "app.py", *sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions and methods of a file, nested ones too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize(
    "folder, limit",
    [("chalicelib", FILE_LINES), ("local", FILE_LINES), ("infra", FILE_LINES), ("bench", FILE_LINES), ("tests", TEST_FILE_LINES)],
)
def test_no_file_is_too_long(folder: str, limit: int) -> None:
    """A file that grew past its limit holds more than one concept."""
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in sources(folder)}
    assert {name: lines for name, lines in lengths.items() if lines > limit} == {}


def test_no_function_is_too_long() -> None:
    """A function fits on a screen, its docstring apart."""
    too_long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} {_body_lines(node)}"
        for path in sources("bench", "chalicelib", "docs", "infra", "local")
        for node in functions(path)
        if _body_lines(node) > FUNCTION_LINES
    ]
    assert too_long == []


def _body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    docstring = node.body[0] if ast.get_docstring(node) is not None else None
    spent = (docstring.end_lineno or 0) - docstring.lineno + 1 if docstring else 0
    return (node.end_lineno or 0) - node.lineno + 1 - spent


def test_no_file_is_named_for_nothing() -> None:
    """A file named after no concept collects what belongs elsewhere."""
    names = [
        path
        for path in sources("bench", "chalicelib", "docs", "infra", "local", "tests")
        if EMPTY_WORDS & set(path.stem.split("_"))
    ]
    assert names == []
