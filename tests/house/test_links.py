"""Links between documents lead somewhere, and what has to be explained is: alarms, environment, requests, codes of usage."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from chalicelib.config import Settings
from chalicelib.domain.errors import CODES
from chalicelib.handlers.routes import BLUEPRINTS

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TYPED = [page for page in PAGES if page.name != "CHANGELOG.md"]
PATHS = re.compile(r"`(?:GET|POST|PUT|PATCH|DELETE) (/[^\s`?]*)")


def prose(page: Path) -> str:
    """The text of a page without its code blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def links(page: Path) -> list[str]:
    """Targets of a page's links and pictures, those to other hosts left out."""
    text = prose(page)
    found = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def anchors(page: Path) -> set[str]:
    """What a link into a page can name: its headings, as GitHub spells them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_somewhere(page: Path, link: str) -> bool:
    """Whether file and heading of a link exist."""
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    return target.exists() and (not anchor or anchor in anchors(target))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Files and headings that a page links to exist."""
    assert [link for link in links(page) if not leads_somewhere(page, link)] == []


def test_every_page_is_linked_from_another() -> None:
    """No page lies about that nobody finds; decisions are found in their folder."""
    linked = {(page.parent / link.partition("#")[0]).resolve() for page in PAGES for link in links(page)}
    orphans = [page for page in PAGES if page not in linked and page.parent.name != "decisions" and page.name != "README.md"]
    assert orphans == []


@pytest.mark.parametrize("page", TYPED, ids=lambda page: str(page.relative_to(ROOT)))
def test_requests_that_a_page_names_exist(page: Path) -> None:
    """A request written as `GET /path` is one of the API; ids stand in braces or as three dots."""
    known = {re.sub(r"{\w+}", "{}", endpoint.path) for api in BLUEPRINTS for endpoint in api.endpoints}
    named = {re.sub(r"{[^}]*}", "{}", path) for path in PATHS.findall(prose(page))}
    assert named - known == set()


def test_every_alarm_is_in_the_runbook() -> None:
    """An alarm that rings at night has a heading of its own."""
    alarms = {
        name
        for file in ("resources.yaml", "merge.yaml")
        for name, resource in yaml.safe_load((ROOT / "infra" / file).read_text(encoding="utf-8"))["Resources"].items()
        if resource.get("Type") == "AWS::CloudWatch::Alarm"
    }
    headings = set(re.findall(r"^### (\w+Alarm)$", (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert len(alarms) >= 5
    assert headings == alarms


def test_every_variable_and_parameter_is_in_the_deployment_guide() -> None:
    """What the environment can say, and what the stack asks for, is explained."""
    guide = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    variables = {field.name.upper() for field in fields(Settings)}
    parameters = {
        name
        for file in ("resources.yaml", "merge.yaml")
        for name in yaml.safe_load((ROOT / "infra" / file).read_text(encoding="utf-8"))["Parameters"]
    }
    assert {name for name in variables | parameters if f"`{name}`" not in guide} == set()


def test_codes_of_usage_files_are_of_the_catalogue() -> None:
    """The tables of reject and refusal codes name codes that exist."""
    rows = re.findall(r"^\| `(\w+)` \| .+ \|$", (ROOT / "docs" / "usage-files.md").read_text(encoding="utf-8"), re.MULTILINE)
    codes = {row for row in rows if row not in {"call_id", "customer_id", "started_at", "destination", "charge"}}
    assert len(codes) >= 15
    assert codes - set(CODES) == set()


def test_places_in_the_glossary_exist() -> None:
    """The module beside a word is there."""
    rows = re.findall(r"^\|.+\|.+\| (.+) \|$", (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE)
    places = {place for row in rows for place in re.findall(r"`([\w/]+\.py)`", row)}
    assert len(places) >= 20
    assert {place for place in places if not (ROOT / "chalicelib" / place).exists()} == set()
