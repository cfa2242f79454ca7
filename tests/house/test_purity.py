"""The domain stays pure where import-linter cannot see: no floats, no reading of the clock."""

from __future__ import annotations

import ast
from pathlib import Path

DOMAIN = Path(__file__).parents[2] / "chalicelib" / "domain"
IMPURE = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "dt.datetime.now",
    "dt.date.today",
    "time.time",
    "float",
    "open",
    "print",
    "input",
}


def calls(path: Path) -> list[str]:
    """The dotted names that a file calls."""
    return [
        ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
    ]


def test_domain_reads_no_clock_and_makes_no_float() -> None:
    """Instants and ids come in as values, amounts are decimals from end to end."""
    found = {path.name: sorted(IMPURE & set(calls(path))) for path in DOMAIN.glob("*.py")}
    assert {name: names for name, names in found.items() if names} == {}


def test_domain_writes_no_float_literal() -> None:
    """A literal like 0.1 is a float before any Decimal sees it."""
    literals = [
        f"{path.name}:{node.lineno}"
        for path in DOMAIN.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
    ]
    assert literals == []
