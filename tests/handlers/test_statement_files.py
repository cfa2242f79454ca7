"""Statements to carry away, over HTTP: links to CSV and PDF."""

from __future__ import annotations

from tests.support.http import ApiClient
from tests.support.story import Story


def test_over_http_both_are_links(api: ApiClient) -> None:
    """202 while the PDF is drawn; a customer sees its own statement only; wrong days are refused."""
    story = Story(api, api.client)
    story.customer(id="acme", schedule=None)
    path = "/customers/acme/statement"
    assert story.done(api.get(f"{path}.csv"), 200)["status"] == "ready"
    reply = api.get(f"{path}.pdf?from=2026-01-01&to=2026-12-31")
    assert (reply.status, reply.json["status"], reply.headers["retry-after"]) == (202, "rendering", "2")
    story.render()
    ready = story.done(api.get(f"{path}.pdf?from=2026-01-01&to=2026-12-31", customer="acme"), 200)
    assert ready["url"]
    assert api.get(f"{path}.pdf", customer="other").status == 404
    assert api.get(f"{path}.csv?from=2026-02-01&to=2026-01-01").codes == {"to": "invalid_value"}
