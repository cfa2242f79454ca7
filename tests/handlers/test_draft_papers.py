"""The paper of a draft: always as it would be issued now, whatever was changed since it was last drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.store import objects
from tests.support.http import ApiClient
from tests.support.story import Story

TEMPLATE = {"name": "Ours", "html": "<!doctype html><title>x</title><p>{{ invoice.total }}"}
Step = Callable[[ApiClient, str], Any]


@pytest.fixture
def story(api: ApiClient) -> Story:
    """An operator with one customer."""
    story = Story(api, api.client)
    story.customer(id="acme", schedule=None)
    return story


def drawn(story: Story, *, issue: bool) -> str:
    """A document whose PDF is there; its path."""
    body = {"customer_id": "acme", "lines": [{"description": "Work", "unit_price": "10.00"}], "issue": issue}
    path = f"/invoices/{story.done(story.api.post('/invoices', body), 201)['id']}/pdf"
    story.api.get(path)
    story.render()
    story.done(story.api.get(path), 200)
    return path


STEPS: dict[str, Step] = {
    "settings": lambda api, _: api.put("/settings", {"accent_colour": "#b91c1c"}),
    "design of the settings": lambda api, _: api.put("/settings", {"template_id": "classic"}),
    "design of the customer": lambda api, _: api.patch("/customers/acme", {"template_id": "compact"}),
    "customer": lambda api, _: api.patch("/customers/acme", {"name": "Acme & Daughters"}),
    "template": lambda api, template: api.put(f"/templates/{template}", {"css": "p { color: red }"}),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_draft_shows_todays_look(story: Story, name: str) -> None:
    """What is on it changed: it is drawn anew when somebody asks, and then there again."""
    template = story.done(story.api.post("/templates", TEMPLATE), 201)["id"]
    story.render()
    if name == "template":
        story.done(story.api.put("/settings", {"template_id": template}), 200)
    path = drawn(story, issue=False)
    story.done(STEPS[name](story.api, template), 200)
    story.render()
    story.done(story.api.get(path), 202)
    story.render()
    story.done(story.api.get(path), 200)


def test_what_is_not_on_it_draws_nothing(story: Story) -> None:
    """Another due time of the customer concerns the next invoice."""
    path = drawn(story, issue=False)
    story.done(story.api.patch("/customers/acme", {"invoice_due_days": 60}), 200)
    story.done(story.api.get(path), 200)


def test_issued_documents_keep_their_look(story: Story) -> None:
    """Settings, customer and design concern later ones; nothing is drawn again."""
    path = drawn(story, issue=True)
    for name in ("settings", "design of the settings", "design of the customer", "customer"):
        story.done(STEPS[name](story.api, ""), 200)
    story.done(story.api.get(path), 200)
    assert story.render() == []
    assert len(list(objects.list_keys("pdf/"))) == 1


def test_going_back_finds_the_paper_there_was(story: Story) -> None:
    """The same look again is the same paper."""
    path = drawn(story, issue=False)
    story.done(story.api.put("/settings", {"accent_colour": "#b91c1c"}), 200)
    story.done(story.api.put("/settings", {"accent_colour": "#2563eb"}), 200)
    assert story.done(story.api.get(path), 200)["status"] == "ready"
