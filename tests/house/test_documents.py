"""Documents follow the code: what is generated is up to date, and every decision can be found."""

from __future__ import annotations

import runpy
import tomllib
from pathlib import Path

from chalicelib.config import Settings
from chalicelib.domain.errors import CODES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def test_error_codes_are_documented() -> None:
    """docs/errors.md is what `make docs` would write, so it holds every code and no other."""
    text = (DOCS / "errors.md").read_text(encoding="utf-8")
    assert text == runpy.run_path(str(DOCS / "generate.py"))["build_errors"]()
    assert text.count("\n| `") == len(CODES)


def test_template_variables_are_documented() -> None:
    """docs/template-variables.md is what `make docs` would write: every variable of the samples, and no description of others."""
    made = runpy.run_path(str(DOCS / "template_variables.py"))
    assert (DOCS / "template-variables.md").read_text(encoding="utf-8") == made["build_page"]()
    assert made["find_undescribed"]() == set()


def test_changelog_begins_with_the_version_that_is_deployed() -> None:
    """The newest release of the changelog is the version the functions answer with."""
    releases = [
        line.split("]")[0][4:]
        for line in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("## [")
    ]
    names = ("billing_table", "work_table", "bucket", "bill_queue_url", "notices_queue_url", "mails_queue_url")
    settings = Settings(**dict.fromkeys(names, "x"), jwt_issuer="i", jwt_audience="a")
    assert releases[:2] == ["Unreleased", settings.version]


def test_every_lint_exception_has_a_reason() -> None:
    """An ignored rule without a comment is an accident."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lint = tomllib.loads(text)["tool"]["ruff"]["lint"]
    rules = [*lint["ignore"], *(rule for rules in lint["per-file-ignores"].values() for rule in rules)]
    lines = [line for line in text.splitlines() if line.startswith('    "') and line.split('"')[1] in rules]
    assert len(lines) == len(rules)
    assert [line for line in lines if " # " not in line] == []
