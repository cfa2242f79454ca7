"""PDFs that somebody asked for: whatever is lost on the way, the sweep has them drawn, or leaves it to who asks again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from chalicelib.services.papers import find_paper
from chalicelib.services.sweep import sweep
from chalicelib.services.wanted_pdfs import want
from chalicelib.store import objects, runs
from chalicelib.store.objects import PaperKind
from chalicelib.store.open_documents import note_wanted
from tests.support import papers
from tests.support.aws_calls import counted
from tests.support.world import World

if TYPE_CHECKING:
    from tests.support.cloud import Cloud

KEY = objects.accessible_key("acme.20261101.R", 0)
PDF, FAILURE = objects.outcome_keys(KEY)


@pytest.fixture
def world(cloud: Cloud) -> World:
    """Nothing but a clock."""
    assert cloud
    return World()


def open_things() -> list[str]:
    """What waits to be drawn."""
    return [pk for _, pk, _ in runs.list_open(datetime(9999, 1, 1, tzinfo=UTC), 10)]


def puts_of_sweep(world: World) -> int:
    """How many objects the next sweep puts once its patience is over."""
    world.pass_time(minutes=11)
    with counted() as calls:
        sweep(world.deps)
    return calls["PutObject"]


def test_a_lost_event_comes_again_until_the_pdf_is_there(world: World) -> None:
    """Frozen once, however often somebody asks; put again after ten minutes, and again; then it is closed."""
    want(world.deps, KEY, b"frozen")
    want(world.deps, KEY, b"other")
    assert not sweep(world.deps)
    assert (puts_of_sweep(world), puts_of_sweep(world)) == (1, 1)
    assert objects.find_object(KEY) == b"frozen"
    objects.put_object(PDF, b"%PDF")
    assert puts_of_sweep(world) == 0
    assert open_things() == []


def test_what_could_not_be_drawn_is_not_tried_for_ever(world: World) -> None:
    """The reason is kept beside; who asks is told."""
    want(world.deps, KEY, b"frozen")
    objects.put_object(FAILURE, b"No such font")
    assert puts_of_sweep(world) == 0
    assert open_things() == []


def test_who_died_before_it_was_frozen_asks_again(world: World) -> None:
    """A note of nothing is closed, and the next one who asks begins anew."""
    note_wanted(KEY, world.now)
    assert puts_of_sweep(world) == 0
    assert open_things() == []
    want(world.deps, KEY, b"frozen")
    assert open_things() == [f"PDF#{KEY}"]


def test_statements_and_letters_are_wanted_too(world: World) -> None:
    """Their event is lost as easily."""
    find_paper(world.deps, PaperKind.STATEMENTS, papers.a_statement(), "statement")
    assert puts_of_sweep(world) == 1


@pytest.mark.parametrize(
    "key, pdf, failure",
    [
        (objects.document_key("a.b", 7), objects.pdf_key("a.b", 7), objects.draft_failure_key("a.b", 7)),
        (objects.accessible_key("a.b", 7), objects.accessible_pdf_key("a.b", 7), objects.accessible_failure_key("a.b", 7)),
        *(
            (objects.paper_key(kind, "f"), objects.paper_pdf_key(kind, "f"), objects.paper_failure_key(kind, "f"))
            for kind in PaperKind
        ),
    ],
)
def test_what_became_of_it_lies_where_it_is_drawn_to(key: str, pdf: str, failure: str) -> None:
    """Whatever is frozen, its PDF and its failure are found."""
    assert objects.outcome_keys(key) == (pdf, failure)
