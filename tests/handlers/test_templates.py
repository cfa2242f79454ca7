"""`/templates` over HTTP: copies, versions, who uses them, and what is refused before it is kept."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.render.failures import TemplateFailed
from chalicelib.services.template_choice import draw_document, with_template_version
from chalicelib.store import objects, template_trials
from chalicelib.store.invoices import get_invoice
from tests.support import specimens
from tests.support.changes import Changes
from tests.support.http import ApiClient, Reply
from tests.support.story import Story

PLAIN = "<!doctype html><title>x</title><p>{{ invoice.number }} {{ invoice.total|money }} {{ buyer.name }}</p>"
FAILS_ON_PAPER = PLAIN + "{% if invoice.lines|length == 1 %}<img src='https://example.com/x.png'>{% endif %}"
"""Not on the worst case, and not while it is only filled."""


def made(api: ApiClient, **body: Any) -> dict[str, Any]:
    """A template of one line, as if its first version had been drawn."""
    reply = api.post("/templates", {"name": "Ours", "html": PLAIN, **body})
    assert reply.status == 201, reply.text
    template_trials.note_drawn(reply.json["id"], 1)
    found: dict[str, Any] = api.get(f"/templates/{reply.json['id']}").json
    return found


def mended(api: ApiClient, template: str, version: int = 2) -> None:
    """The next version, as if it had been drawn."""
    assert api.put(f"/templates/{template}", {"html": PLAIN}).json["version"] == version
    template_trials.note_drawn(template, version)


@pytest.fixture
def story(api: ApiClient) -> Story:
    """An operator with one customer."""
    story = Story(api, api.client)
    story.customer(id="acme", schedule=None)
    return story


def issued(story: Story, **fields: Any) -> dict[str, Any]:
    """An invoice of the customer."""
    lines = [{"description": "Work", "unit_price": "10.00"}]
    body = {"customer_id": "acme", "lines": lines, "issue": True, **fields}
    return story.done(story.api.post("/invoices", body), 201)


def test_designs_are_listed_and_read_only(api: ApiClient) -> None:
    """They can be read as one file; no change of them is possible."""
    listed = api.get("/templates").json
    assert [(one["id"], one["stock"], one["version"]) for one in listed["items"]] == [
        ("modern", True, 0),
        ("classic", True, 0),
        ("compact", True, 0),
    ]
    modern = api.get("/templates/modern")
    assert "{{ title }}" in modern.json["html"]
    assert modern.headers["etag"] == '"0"'
    assert api.get("/templates/modern/versions").json == {"items": [], "next_cursor": None}
    for refused in (
        api.put("/templates/modern", {"html": PLAIN}),
        api.post("/templates/modern/reset"),
        api.delete("/templates/modern"),
        api.get("/templates/modern/compare"),
    ):
        assert (refused.status, refused.json["code"]) == (409, "wrong_state")
        assert "make a copy" in refused.json["detail"]


def pages(api: ApiClient, limit: int) -> list[list[str]]:
    """The names on each page of the list, to its end."""
    shown, cursor = [], ""
    while cursor is not None:
        reply = api.get(f"/templates?limit={limit}{cursor and f'&cursor={cursor}'}").json
        shown.append([one["name"] for one in reply["items"]])
        cursor = reply["next_cursor"]
    return shown


@pytest.mark.parametrize("own", [0, 2])
def test_no_page_is_longer_than_its_limit(api: ApiClient, own: int) -> None:
    """Designs first, then templates, each once; no page but the last has room left."""
    names = ["Modern", "Classic", "Compact", *(made(api, name=f"Own {number}")["name"] for number in range(own))]
    for limit in (1, 2, 3, 4, 50):
        assert pages(api, limit) == [names[start : start + limit] for start in range(0, len(names), limit)]


def test_a_copy_is_changed_compared_and_set_back(api: ApiClient) -> None:
    """Each change is a version with an ETag of its own; the old ones stay, and a reset is one more."""
    copy = api.post("/templates", {"name": "Ours", "copy_of": "classic"})
    assert (copy.status, copy.headers["etag"], copy.json["origin"], copy.json["stock"]) == (201, '"1"', "classic", False)
    path = f"/templates/{copy.json['id']}"
    design = api.get("/templates/classic").json
    assert (copy.json["html"], copy.json["css"]) == (design["html"], design["css"])
    assert api.get(f"{path}/compare").json == {"before": "stock", "after": "1", "html": "", "css": ""}
    edited = api.put(path, {"css": design["css"] + "\np { color: red }"}, headers={"If-Match": '"1"'})
    assert (edited.status, edited.headers["etag"], edited.json["html"]) == (200, '"2"', design["html"])
    assert "+p { color: red }" in api.get(f"{path}/compare?from=1&to=2").json["css"]
    assert api.put(path, {"css": "p {}"}, headers={"If-Match": '"1"'}).status == 412
    reset = api.post(f"{path}/reset", headers={"If-Match": '"2"'})
    assert (reset.json["version"], reset.json["css"]) == (3, design["css"])
    assert [one["version"] for one in api.get(f"{path}/versions?limit=2").json["items"]] == [3, 2]
    following = api.get(f"{path}/versions?limit=2").json["next_cursor"]
    rest = api.get(f"{path}/versions?limit=2&cursor={following}").json
    assert ([one["version"] for one in rest["items"]], rest["next_cursor"]) == ([1], None)
    second = api.get(f"{path}/versions/2")
    assert (second.headers["etag"], second.json["css"][-16:]) == ('"2"', "p { color: red }")
    assert api.get(f"{path}/compare?from=2").json["after"] == "3"


def test_what_changes_nothing_makes_no_version(api: ApiClient) -> None:
    """The same content again is the same version; another name is another one."""
    template = made(api)
    path = f"/templates/{template['id']}"
    assert api.put(path, {"html": PLAIN, "name": "Ours"}).json["version"] == 1
    renamed = api.put(path, {"name": "Theirs"}).json
    assert (renamed["version"], renamed["name"], renamed["html"]) == (2, "Theirs", PLAIN)
    assert [one["name"] for one in api.get(f"{path}/versions").json["items"]] == ["Theirs", "Ours"]


def test_a_template_of_ones_own_has_no_design(api: ApiClient) -> None:
    """Nothing to be set back to, or compared with."""
    path = f"/templates/{made(api)['id']}"
    assert api.post(f"{path}/reset").json["code"] == "wrong_state"
    assert api.get(f"{path}/compare").json["code"] == "wrong_state"


def test_a_copy_of_a_copy_keeps_its_design(api: ApiClient) -> None:
    """It can be set back to it, too; what is no template cannot be copied, and a copy has no other content."""
    first = made(api)
    second = made(api, copy_of=first["id"], html=None, name="Second")
    assert (second["html"], second["origin"]) == (PLAIN, None)
    assert [one["name"] for one in api.get("/templates?limit=4").json["items"]][-1] == "Ours"
    assert api.post("/templates", {"name": "x", "copy_of": "nothing"}).codes == {"copy_of": "invalid_value"}
    assert api.post("/templates", {"name": "x", "copy_of": "modern", "html": PLAIN}).codes == {"copy_of": "invalid_value"}


def test_the_same_request_makes_one_template(api: ApiClient) -> None:
    """A repetition with the same key is answered from memory."""
    key = {"Idempotency-Key": "once"}
    first, again = (api.post("/templates", {"name": "Ours", "html": PLAIN}, headers=key) for _ in range(2))
    assert (first.json, again.headers["idempotency-replayed"]) == (again.json, "true")
    assert len(api.get("/templates").json["items"]) == 4


@pytest.mark.parametrize(
    "body, codes",
    [
        ({"html": "<p>\n{% if number == 'never' %}{{ totl.x }}{% endif %}"}, {"html": "template_failed"}),
        ({"html": PLAIN, "css": "p {}\n@import 'x';"}, {"css": "template_failed"}),
        ({"html": PLAIN, "colour": 1, "name": ""}, {"name": "required", "colour": "unknown_field"}),
        ({"html": "", "x": 1}, {"html": "required", "x": "unknown_field"}),
        ({"html": "x" * 65_000, "css": "/*" + "x" * 1_000 + "*/"}, {"html": "too_long"}),
        ({"html": PLAIN + "\n" * 5_000}, {"html": "too_long"}),
        ({"html": "x" * 70_000}, {"html": "too_long"}),
        ({}, {"html": "required"}),
    ],
)
def test_what_does_not_work_is_not_kept(api: ApiClient, body: dict[str, Any], codes: dict[str, str]) -> None:
    """Everything at once, as far as it can be told; faults of templates with their line."""
    reply = api.post("/templates", {"name": "Ours", **body})
    assert (reply.status, reply.codes) == (422, codes)
    if "template_failed" in codes.values():
        assert reply.json["line"] == 2
        assert reply.json["issues"][0]["message"].startswith("Line 2: ")
    assert len(api.get("/templates").json["items"]) == 3


def test_a_change_that_fails_leaves_the_template(api: ApiClient) -> None:
    """Neither a version nor a half one is there; unknown templates and versions are 404."""
    template = made(api)
    path = f"/templates/{template['id']}"
    reply = api.put(path, {"html": "{{ credit_note.nothing }}", "x": 1})
    assert reply.codes == {"x": "unknown_field", "html": "template_failed"}
    assert api.get(path).json == template
    assert api.get(f"{path}/versions/2").status == 404
    for unknown in (
        "/templates/x",
        "/templates/x/versions",
        "/templates/x/versions/1",
        f"{path}/versions/one",
        "/templates/x/compare",
    ):
        assert api.get(unknown).status == 404
    assert api.put("/templates/x", {"html": PLAIN}).status == 404
    assert api.delete("/templates/x").status == 404
    assert api.get(f"{path}/compare?from=7").status == 404
    assert api.get(f"{path}/compare?from=first").codes == {"from": "invalid_value"}


def test_documents_keep_the_version_they_were_issued_with(story: Story) -> None:
    """Customer before settings; one that was not drawn yet is of no account, and none changes paper that was issued."""
    api = story.api
    template = made(api)["id"]
    story.done(api.patch("/customers/acme", {"template_id": template}), 200)
    draft = issued(story, issue=False)["id"]
    first = issued(story)["id"]
    api.put(f"/templates/{template}", {"html": PLAIN.replace("<p>", "<p>second ")})
    assert _template_of(issued(story)["id"]) == f"{template}/1"
    template_trials.note_drawn(template, 2)
    second = issued(story)["id"]
    assert [_template_of(one) for one in (draft, first, second)] == [template, f"{template}/1", f"{template}/2"]
    note = story.done(api.post(f"/invoices/{first}/credit-notes", {"reason": "Late", "amount": "1.00"}), 201)["id"]
    assert _template_of(note) == f"{template}/2"
    story.done(api.post(f"/invoices/{draft}/issue"), 200)
    assert _template_of(draft) == f"{template}/2"


def _template_of(invoice_id: str) -> str:
    """The API does not tell it."""
    return get_invoice(invoice_id).template


def test_paper_is_drawn_with_it_and_retried_with_the_present_one(story: Story) -> None:
    """A template that cannot be drawn leaves the invoice issued and its PDF failed; the retry takes the version of today."""
    api = story.api
    template = made(api, html=FAILS_ON_PAPER)["id"]
    story.done(api.put("/settings", {"template_id": template}), 200)
    invoice = issued(story)["id"]
    story.render()
    failed = api.get(f"/invoices/{invoice}/pdf")
    assert (failed.status, failed.json["code"]) == (409, "template_failed")
    assert "may not be loaded" in failed.json["detail"]
    mended(api, template)
    story.done(api.post(f"/invoices/{invoice}/pdf"), 202)
    story.rendered.clear()
    story.render()
    assert story.done(api.get(f"/invoices/{invoice}/pdf"), 200)["status"] == "ready"


def test_a_draft_that_failed_is_drawn_again(story: Story) -> None:
    """Whoever asks for its PDF gets the reason, and once the template is mended, the paper."""
    api = story.api
    template = made(api, html=FAILS_ON_PAPER)["id"]
    story.done(api.patch("/customers/acme", {"template_id": template}), 200)
    path = f"/invoices/{issued(story, issue=False)['id']}/pdf"
    story.done(api.get(path), 202)
    story.render()
    assert api.get(path).json["code"] == "template_failed"
    assert api.get(path).json["code"] == "template_failed"
    mended(api, template)
    story.done(api.get(path), 202)
    story.render()
    assert story.done(api.get(path), 200)["status"] == "ready"


def test_a_template_in_use_stays(story: Story) -> None:
    """409 with who uses it; free again, it goes, and its versions stay for the documents that name them."""
    api = story.api
    template = made(api)["id"]
    story.done(api.patch("/customers/acme", {"template_id": template}), 200)
    story.done(api.put("/settings", {"template_id": template}), 200)
    assert _refused(api.delete(f"/templates/{template}")) == ["acme", "settings"]
    story.done(api.patch("/customers/acme", {"template_id": None}), 200)
    assert _refused(api.delete(f"/templates/{template}")) == ["settings"]
    story.done(api.put("/settings", {"template_id": "classic"}), 200)
    assert api.delete(f"/templates/{template}", headers={"If-Match": '"2"'}).status == 412
    assert api.delete(f"/templates/{template}").status == 204
    assert api.get(f"/templates/{template}").status == 404
    assert api.get(f"/templates/{template}/versions/1").json["html"] == PLAIN
    assert api.patch("/customers/acme", {"template_id": template}).codes == {"template_id": "invalid_value"}
    assert api.put("/settings", {"template_id": template}).codes == {"template_id": "invalid_value"}


def _refused(reply: Reply) -> list[str]:
    assert (reply.status, reply.json["code"]) == (409, "in_use")
    return sorted(reply.json["users"])


def test_deleted_customers_use_nothing(story: Story) -> None:
    """A customer that goes takes its choice along, and one that is made with a choice brings it."""
    api = story.api
    template = made(api)["id"]
    story.customer(id="brief", schedule=None, template_id=template)
    assert _refused(api.delete(f"/templates/{template}")) == ["brief"]
    assert api.delete("/customers/brief").status == 204
    assert api.delete(f"/templates/{template}").status == 204


def test_changes_are_in_the_history_of_the_settings(story: Story) -> None:
    """Who made and changed which template; that somebody chose it is a change of the customer."""
    template = made(story.api)["id"]
    story.done(story.api.put(f"/templates/{template}", {"html": PLAIN + "<p>"}), 200)
    story.done(story.api.patch("/customers/acme", {"template_id": template}), 200)
    Changes(story.api.cloud, story.client).drain()
    entries = story.api.get("/settings/history").json["items"]
    assert [(one["object"], one["object_id"], one["action"]) for one in entries] == [
        ("template", template, "edited"),
        ("template", template, "created"),
    ]


def outcomes(api: ApiClient, template: str) -> tuple[str, int | None]:
    """Whether the present version could be drawn, and which one documents are issued with."""
    found = api.get(f"/templates/{template}").json
    assert (found["fault"] is not None) == (found["checked"] == "failed")
    return found["checked"], found["used_version"]


def test_only_what_was_drawn_is_used(story: Story) -> None:
    """A version is drawn when it is kept; until then, and for ever where that fails, documents go on with the one before."""
    api = story.api
    template = story.done(api.post("/templates", {"name": "Ours", "html": PLAIN}), 201)["id"]
    assert outcomes(api, template) == ("pending", None)
    refused = api.put("/settings", {"template_id": template})
    assert (refused.codes, "in a few seconds" in refused.text) == ({"template_id": "invalid_value"}, True)
    story.render()
    assert outcomes(api, template) == ("ok", 1)
    story.done(api.put("/settings", {"template_id": template}), 200)
    story.done(api.put(f"/templates/{template}", {"html": PLAIN + "<img src='https://example.com/x.png'>"}), 200)
    story.render()
    assert outcomes(api, template) == ("failed", 1)
    assert "may not be loaded" in api.get(f"/templates/{template}").json["fault"]
    assert _template_of(issued(story)["id"]) == f"{template}/1"
    story.done(api.put(f"/templates/{template}", {"html": PLAIN + "<b>x"}), 200)
    assert outcomes(api, template) == ("pending", 1)
    story.render()
    assert outcomes(api, template) == ("ok", 3)


def test_what_cannot_be_drawn_cannot_be_chosen(story: Story) -> None:
    """Neither by a customer nor by the settings, with the reason; saving it again has it drawn again."""
    body = {"name": "Ours", "html": PLAIN + "<a href='file:///etc/passwd'>x</a>"}
    template = story.done(story.api.post("/templates", body), 201)["id"]
    story.render()
    for refused in (
        story.api.patch("/customers/acme", {"template_id": template}),
        story.api.put("/settings", {"template_id": template}),
    ):
        assert refused.codes == {"template_id": "template_failed"}
        assert "cannot be linked to" in refused.text
    (asked,) = objects.list_keys("documents/previews/")
    objects.delete_object(asked)
    assert story.api.put(f"/templates/{template}", {"html": body["html"]}).json["version"] == 1
    assert list(objects.list_keys("documents/previews/")) == [asked]


def test_late_news_of_a_drawing_harm_nothing(api: ApiClient) -> None:
    """Of an older version, told twice, or of a template that was deleted."""
    template = made(api)["id"]
    mended(api, template=template, version=api.put(f"/templates/{template}", {"html": "<p>"}).json["version"] + 1)
    for version in (1, 3, 2):
        template_trials.note_drawn(template, version)
        template_trials.note_failed(template, version, "late")
    assert outcomes(api, template) == ("ok", 3)
    assert api.delete(f"/templates/{template}").status == 204
    template_trials.note_drawn(template, 4)
    template_trials.note_failed(template, 4, "late")
    assert template_trials.find_trial(template) is None


@pytest.mark.parametrize("reference", ["01gone", "01gone/7"])
def test_documents_of_a_template_that_is_gone(api: ApiClient, reference: str) -> None:
    """They are issued as they name it, and their paper fails with words."""
    planned = specimens.an_issued(template=reference)
    assert with_template_version(planned) == planned
    with pytest.raises(TemplateFailed, match="There is no template '01gone"):
        draw_document(planned)
