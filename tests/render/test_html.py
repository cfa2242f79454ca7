"""The sandbox: what a template cannot do, and how its failures read."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import TemplateError

from chalicelib.render import html
from chalicelib.render.failures import TemplateFailed
from chalicelib.render.html import build_environment, render_html
from chalicelib.render.view import build_view
from tests.support import specimens


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ lines.append(1) }}",
        "{{ lipsum(9) }}",
        "{{ range(9) }}",
        "{{ cycler(1) }}",
        "{{ 'x'|center(9) }}",
        "{{ '%9d'|format(1) }}",
        "{{ title|safe }}",
        "{{ missing }}",
        "{{ title.missing }}",
        "{% include '../chalicelib/render/html.py' %}",
        "{% include '/etc/passwd' %}",
        "{% include 'fonts/../../app.py' %}",
        "{% for %}",
    ],
)
def test_sandbox_refuses(source: str) -> None:
    """No way out through attributes, no mutation, no globals, no heavy filters, no `safe`, no undefined names, no other files."""
    with pytest.raises((TemplateError, TypeError)):
        build_environment().from_string(source).render(title="x", lines=[])


def test_values_are_escaped() -> None:
    """Every value is escaped; the template cannot be asked not to."""
    assert build_environment().from_string("{{ title }}").render(title="<script>&'") == "&lt;script&gt;&amp;&#39;"


def test_failures_name_the_line() -> None:
    """A name that the view lacks fails with the line of the template."""
    view = build_view(specimens.an_issued())
    del view["title"]
    with pytest.raises(TemplateFailed, match=r"line \d+: UndefinedError: 'title' is undefined"):
        render_html(view)


def test_syntax_errors_name_file_and_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A template that does not parse fails with its name, line and fault."""
    (tmp_path / "templates" / "shared").mkdir(parents=True)
    (tmp_path / "templates" / "shared" / "invoice.html").write_text("<p>\n{% for %}")
    monkeypatch.setattr(html, "templates_folder", lambda: tmp_path / "templates")
    html.stock_template.cache_clear()
    try:
        with pytest.raises(TemplateFailed, match=r"shared/invoice.html, line 2: "):
            render_html({})
    finally:
        html.stock_template.cache_clear()


def test_endless_documents_are_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """More HTML than could be laid out in time is refused while it is made."""
    monkeypatch.setattr(html, "LARGEST_HTML", 5_000)
    with pytest.raises(TemplateFailed, match="too long"):
        render_html(build_view(specimens.an_issued()))
