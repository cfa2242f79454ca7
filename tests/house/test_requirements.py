"""The functions ship what they import, and nothing for the sake of tests."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
OWN = {"app", "chalicelib", "chalice"}  # Chalice's packager adds Chalice's runtime
NAME = re.compile(r"^([a-z0-9-]+)(?:\[[a-z]+\])?==", re.MULTILINE)


def pinned(name: str) -> set[str]:
    """Names of the packages that a requirements file pins."""
    return set(NAME.findall((ROOT / name).read_text(encoding="utf-8")))


def imported() -> set[str]:
    """Top-level modules that the functions import, those imported inside functions too."""
    found: set[str] = set()
    for path in [ROOT / "app.py", *(ROOT / "chalicelib").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split(".")[0])
    return found - OWN - set(sys.stdlib_module_names)


def test_functions_import_only_what_they_ship() -> None:
    """A package that only development installs is missing on Lambda."""
    providers = {module: {name.lower().replace("_", "-") for name in names} for module, names in packages_distributions().items()}
    shipped = pinned("requirements.txt")
    assert sorted(module for module in imported() if not providers.get(module, set()) & shipped) == []


def test_development_uses_the_shipped_versions() -> None:
    """Tests run against the very packages that are deployed."""
    runtime = set(re.findall(r"^[a-z0-9-]+==[^ ]+", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE))
    development = set(
        re.findall(r"^[a-z0-9-]+==[^ ]+", (ROOT / "requirements-dev.txt").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert runtime - development == set()


def test_every_pin_is_hashed_and_names_no_registry() -> None:
    """Installing checks hashes, from whatever index the machine is set up for."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        pins = [block for block in re.split(r"\n(?=[a-z])", text) if "==" in block.splitlines()[0]]
        assert [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin] == []
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text)
