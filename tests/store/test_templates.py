"""Two writers of a template: one wins, and a choice and a deletion exclude each other whoever is first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.templates import Template, TemplateVersion, digest_of
from chalicelib.store import customers, template_uses, templates
from chalicelib.store.clock import build_clock
from chalicelib.store.settings import get_settings, save_settings
from tests.support.builders import NOW, a_customer
from tests.support.cloud import Cloud

HEAD = Template(id="01t", name="Ours", digest=digest_of("<p>", ""), created_at=NOW, updated_at=NOW)


def a_version(number: int = 1, html: str = "<p>") -> TemplateVersion:
    """A version of the template."""
    return TemplateVersion(template_id="01t", version=number, name="Ours", html=html, css="", created_at=NOW)


@pytest.fixture
def template(cloud: Cloud) -> Template:
    """A template that nobody uses."""
    return templates.put_template(HEAD, a_version())


def test_one_of_two_versions_wins(template: Template) -> None:
    """The number is taken once, with the content of the winner."""
    templates.save_version(1, replace(template, version=2), a_version(2, "first"))
    with pytest.raises(Conflict, match="stale_version"):
        templates.save_version(1, replace(template, version=2, name="Second"), a_version(2, "second"))
    assert templates.get_template("01t").name == "Ours"
    assert templates.get_version("01t", 2).html == "first"


def test_a_version_is_never_written_over(template: Template) -> None:
    """Not even by a head that fell behind."""
    with pytest.raises(Conflict, match="stale_version"):
        templates.save_version(1, template, a_version(1, "other"))
    assert templates.get_version("01t", 1).html == "<p>"


def test_making_it_again_meets_it(template: Template) -> None:
    """The same id again gives back what is there by now."""
    changed = replace(template, version=2, name="Changed")
    templates.save_version(1, changed, a_version(2))
    assert templates.put_template(HEAD, a_version()) == changed


def test_who_chose_it_meanwhile_keeps_it(template: Template) -> None:
    """A choice between asking who uses it and deleting it stops the deletion."""
    mark = template_uses.find_mark("01t")
    assert mark
    assert template_uses.list_users("01t", 10) == []
    customer = a_customer(template_id="01t")
    customers.put_customer(customer, build_clock(customer, None, 2), 1, 1)
    with pytest.raises(Conflict, match="stale_version"):
        templates.delete_template(template, mark)
    assert template_uses.list_users("01t", 10) == ["acme"]


def test_a_deleted_template_cannot_be_chosen(template: Template) -> None:
    """By nobody who read it before it was deleted: new customers, old ones, the settings."""
    old = a_customer(id="old")
    customers.put_customer(old, build_clock(old, None, 2), 1, 1)
    templates.delete_template(template, templates.NEW)
    assert template_uses.find_mark("01t") is None
    new = a_customer(template_id="01t")
    with pytest.raises(Conflict, match="just deleted"):
        customers.put_customer(new, build_clock(new, None, 2), 1, 1)
    with pytest.raises(Conflict, match="stale_version"):
        customers.save_customer(replace(old, template_id="01t"), None, 1, 1)
    with pytest.raises(Conflict, match="stale_version"):
        save_settings(replace(get_settings(), template_id="01t"), template_before="modern")
    with pytest.raises(NotFound):
        templates.get_template("01t")
    assert templates.get_version("01t", 1).html == "<p>"


def test_a_choice_follows_its_user(template: Template) -> None:
    """From one template to another, to a design, and away with the customer."""
    templates.put_template(replace(HEAD, id="01u"), replace(a_version(), template_id="01u"))
    customer = a_customer(template_id="01t")
    customers.put_customer(customer, build_clock(customer, None, 2), 1, 1)
    moved = customers.save_customer(replace(customer, template_id="01u"), None, 1, 1, template_before="01t")
    assert (template_uses.list_users("01t", 10), template_uses.list_users("01u", 10)) == ([], ["acme"])
    settings = save_settings(replace(get_settings(), template_id="01u"), template_before="modern")
    save_settings(replace(settings, template_id="compact"), template_before="01u")
    assert template_uses.list_users("01u", 10) == ["acme"]
    customers.delete_customer(moved, ())
    assert template_uses.list_users("01u", 10) == []
