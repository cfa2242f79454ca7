"""The README is true: short, its targets, files and links exist, its tour asks for what the API has."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from chalicelib.handlers.routes import BLUEPRINTS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LINES = 200
PICTURE_BYTES = 150_000
_CALL = re.compile(r'\bapi (GET|POST|PUT|PATCH|DELETE) "?(/[^\s"?|)]*)')
_BRACES = re.compile(r"{\w+}")


def tour() -> str:
    """The section with the commands to paste."""
    return README.partition("\n## A tour")[2].partition("\n## ")[0]


def calls() -> list[tuple[str, str]]:
    """(method, path) of the tour's requests, the shell's variables left in."""
    return _CALL.findall(tour())


def has_endpoint(method: str, path: str) -> bool:
    """Whether the API has an endpoint for a path whose ids are filled in."""
    endpoints = [endpoint for api in BLUEPRINTS for endpoint in api.endpoints if endpoint.method == method]
    return any(re.fullmatch(_BRACES.sub("[^/]+", endpoint.path), path) for endpoint in endpoints)


def test_readme_is_short() -> None:
    """What does not fit on two screens belongs in docs."""
    assert len(README.splitlines()) < LINES


def test_functions_are_counted_and_named() -> None:
    """The README says how many there are, the runbook which: as many as are deployed."""
    configured = json.loads((ROOT / ".chalice/config.json").read_text(encoding="utf-8"))["lambda_functions"]
    words = {12: "twelve", 13: "thirteen", 14: "fourteen", 15: "fifteen", 16: "sixteen"}
    assert f"It is {words[len(configured)]} Lambda functions" in README
    runbook = (ROOT / "docs/runbook.md").read_text(encoding="utf-8")
    named = re.findall(r"`(\w+)`", runbook.partition("\nFunctions: ")[2].partition(". Nothing")[0])
    assert sorted(name.lower() for name in named) == sorted(name.replace("_", "") for name in configured)


def test_targets_it_names_exist() -> None:
    """Whoever types a make target of the README does not get an error."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", README, re.MULTILINE))
    assert {"run", "test"} <= named
    assert named - targets == set()


def test_files_it_names_exist() -> None:
    """Folders of the layout are there."""
    layout = README.partition("\n## Where things are")[2].partition("```\n")[2].partition("```")[0]
    names = [name for line in layout.splitlines() for name in re.split(r"  +", line)[0:2] if name.endswith(("/", ".py"))]
    assert len(names) >= 8
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_tour_is_long_enough_to_count() -> None:
    """The tour is found: an empty one would pass every other test."""
    assert len(calls()) >= 20


@pytest.mark.parametrize("method, path", sorted(set(calls())))
def test_tour_asks_for_what_the_api_has(method: str, path: str) -> None:
    """Every request of the tour has its endpoint."""
    assert has_endpoint(method, path)


def test_an_unknown_path_would_be_noticed() -> None:
    """The test above can fail."""
    assert not has_endpoint("POST", "/customers/alster/pacages")
    assert not has_endpoint("DELETE", "/settings")


def test_picture_is_small() -> None:
    """The picture does not make every clone heavy."""
    assert 10_000 < (ROOT / "docs" / "images" / "invoice.png").stat().st_size < PICTURE_BYTES
