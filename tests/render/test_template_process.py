"""Templates of operators in a process of their own: what they draw, and that bombs end by the limits and tell nothing."""

from __future__ import annotations

import io
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from chalicelib.domain.designs import Design
from chalicelib.render.failures import TemplateFailed
from chalicelib.render.pdf import render_pdf
from chalicelib.render.sample_documents import Sample, build_sample
from chalicelib.render.stock_source import read_stock_source
from chalicelib.render.template_child import work
from chalicelib.render.template_process import FAILED, Limits, draw_own_pdf, try_template
from chalicelib.render.template_text import TemplateText
from tests.support import specimens
from tests.support.pdf_reading import read_pages, read_words

SIMPLE = build_sample(Sample.SIMPLE, specimens.an_operator())
SHORT = Limits(cpu=2, memory=512, wall=20)
"""An import of the engine takes half of it."""
PAGE = "<!doctype html><html><head><title>x</title></head><body>{}</body></html>"


def a_text(body: str, css: str = "") -> TemplateText:
    """A page of an operator."""
    return TemplateText(PAGE.format(body), css)


def test_a_copy_draws_the_same_paper() -> None:
    """Text and e-invoice of the stock design, drawn by the child, twice the same bytes."""
    text = read_stock_source(Design.MODERN)
    drawn = draw_own_pdf(text, SIMPLE)
    assert read_pages(drawn) == read_pages(render_pdf(SIMPLE))
    with pikepdf.open(io.BytesIO(drawn)) as pdf:
        assert list(pdf.attachments) == ["factur-x.xml"]
    assert draw_own_pdf(text, SIMPLE) == drawn


def test_long_documents_get_their_annex() -> None:
    """It is drawn behind the operator's pages and counted with them."""
    text = a_text("{{ lines|length }} rows, {{ pages }} pages{% for label in annex %}{{ label }}{% endfor %}")
    pages = read_pages(draw_own_pdf(text, specimens.an_issued(lines=specimens.usage_lines(301))))
    assert f"{len(pages)} pages" in pages[0]
    assert "France Fixed" in pages[1]


@pytest.mark.parametrize("design", Design)
def test_the_annex_looks_as_in_the_design_that_was_copied(design: Design) -> None:
    """Each word of it stands where it stands in that one."""
    from chalicelib.render.own_pdf import render_own_pdf  # noqa: PLC0415  # where the child does it, without its start

    long = specimens.an_issued(lines=specimens.usage_lines(301), template=design)
    drawn = read_words(render_own_pdf(replace(a_text("cover", "@page { margin: 1cm }"), design=design), long))[-2000:]
    stock = read_words(render_pdf(long))[-2000:]
    assert [word.text for word in drawn] == [word.text for word in stock]
    assert [word.left for word in drawn] == pytest.approx([word.left for word in stock], abs=0.1)


def test_style_and_assets_are_the_operators() -> None:
    """Its style sheet counts, the logo is there by name, and a draft carries its mark."""
    css = "p::before { content: 'STYLED' } img { width: 20mm }"
    drawn = draw_own_pdf(a_text("<p>{{ mark }}</p><img src='asset:logo' alt=''>", css), SIMPLE, draft=True)
    assert "STYLEDDraft" in "".join(read_pages(drawn)).replace("\n", "")


@pytest.mark.parametrize(
    "body, css",
    [
        ("<img src='https://example.com/x.png'>", ""),
        ("<img src='file:///etc/passwd'>", ""),
        ("<img src='/etc/passwd'>", ""),
        ("<link rel=attachment href='file:///etc/passwd'>", ""),
        ("<a rel=attachment href='file:///etc/passwd'>x</a>", ""),
        ("<base href='file:///etc/'><img src='passwd'>", ""),
        ("<svg width=9 height=9><image width=9 height=9 href='file:///etc/passwd'/></svg>", ""),
        ("<link rel=stylesheet href='https://example.com/x.css'>", ""),
        ("<style>@import url(https://example.com/x.css)</style>", ""),
        ("<object data='https://example.com/x'></object>", ""),
        ("<embed src='https://example.com/x'>", ""),
        ("<p>x</p>", "@import 'https://example.com/x.css';"),
        ("<p>x</p>", "p { background: url(https://example.com/x.png) }"),
        ("<p>x</p>", "@page { background: url(file:///etc/passwd) }"),
        ("<p>x</p>", "p::before { content: url(https://example.com/x.png) }"),
        ("<p>x</p>", "@font-face { font-family: x; src: url(https://example.com/x.woff) } p { font-family: x }"),
        ("<img src='data:image/svg+xml,<svg/>'>", ""),
        ("<img src='data:text/html,x'>", ""),
        ("<img src='asset:../../etc/passwd'>", ""),
    ],
)
def test_nothing_is_loaded(body: str, css: str) -> None:
    """No network, no file, no redirect: only assets by name and small images inside."""
    from chalicelib.render.own_pdf import render_own_pdf  # noqa: PLC0415  # where the child does it, without its start

    with pytest.raises(TemplateFailed, match=r"may not be loaded|Relative URI reference without a base|files attached"):
        render_own_pdf(a_text(body, css), SIMPLE)


LOOPS = "{% for a in labels %}" * 6 + "{% endfor %}" * 6
DOUBLING = "{% set a = 'aaaaaaaaaaaaaaaa' %}" + "{% set a = a ~ a %}" * 40 + "{{ a|length }}"


@pytest.mark.parametrize("body", [LOOPS, DOUBLING], ids=["loops", "doubling"])
def test_bombs_of_templates_end(body: str) -> None:
    """Loops in loops without output, and text that doubles: neither is stopped by the sandbox."""
    assert ended(a_text(body), Limits(cpu=1, memory=256, wall=20), draws=False)


BOMBS = {
    "colspan": ("<table><tr><td colspan=100000>x</table>", ""),
    "col span": ("<table><colgroup><col span=1000000000></colgroup><tr><td>x</table>", ""),
    "tiny page": ("<p>" + "word " * 2000, "@page { size: 2px 2px; margin: 0 }"),
    "flex": ("<div style='display:flex'>" * 12 + "x", ""),
    "variables": (
        "<p>x",
        ":root { --a0: x;" + "".join(f"--a{n + 1}: {f'var(--a{n}) ' * 10};" for n in range(9)) + "} p { content: var(--a9) }",
    ),
    "selectors": ("<p>x" * 200, "".join(f"p:not(.a{n}) b:nth-child({n}n) ~ i {{ color: red }}" for n in range(1200))),
    "svg use": (
        "<svg width=9 height=9><g id=a0><path d='M0 0h1'/></g>"
        + "".join(f"<g id=a{n + 1}>{f'<use href=#a{n} />' * 10}</g>" for n in range(9))
        + "</svg>",
        "",
    ),
    "floats": ("<p style='float:left;width:33%'>x</p>" * 1600, ""),
    "gradient": ("<p>x", "p { height: 200mm; background: repeating-linear-gradient(red 0, blue 0.00001px) }"),
    "nesting": ("<div>" * 1000, ""),
    "huge font": ("<p>x", "p { font-size: 1000000000px }"),
    "counters": ("<p>x", "p::before { counter-reset: a 2000000000; content: counter(a, lower-roman) }"),
    "calc": ("<p>x", "p { width: " + "calc(" * 5000 + "1px" + ")" * 5000 + " }"),
    "columns": ("<p>x" * 99, "body { column-count: 1000000 }"),
    "grid": ("<div style='display:grid;grid-template-columns:repeat(1000000,1px)'><p>x", ""),
    "use of itself": ("<svg width=9 height=9><g id=a><use href=#a /><use href=#a /></g></svg>", ""),
    "huge page": ("<p>x", "@page { size: 99999999px 99999999px } p { height: 99999999px; break-after: page }"),
}


ENDLESS = frozenset({"colspan", "col span", "flex", "svg use", "gradient", "grid"})
"""Those that no machine draws in time."""


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_of_pages_end(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small HTML or CSS that no engine can lay out ends by the limits, or is drawn, or fails; never longer than allowed.

    However a child ends, no file of it stays.
    """
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    body, css = BOMBS[name]
    assert ended(a_text(body, css), SHORT, draws=True) or name not in ENDLESS
    assert list(tmp_path.iterdir()) == []


def ended(text: TemplateText, limits: Limits, *, draws: bool) -> bool:
    """Whether the template failed; in any case within its seconds of CPU, and a little for starting."""
    began, before = time.monotonic(), os.times()
    failed = False
    try:
        draw_own_pdf(text, SIMPLE, limits=limits) if draws else try_template(text, (SIMPLE,), limits=limits)
    except TemplateFailed:
        failed = True
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    assert used <= limits.cpu + 1
    assert time.monotonic() - began <= limits.wall + 5
    return failed


def test_whoever_sleeps_is_ended() -> None:
    """Time on the clock is bounded, too."""
    began = time.monotonic()
    with pytest.raises(TemplateFailed, match="too much time or memory"):
        try_template(a_text("x"), (SIMPLE,), limits=Limits(cpu=5, memory=512, wall=0))
    assert time.monotonic() - began < 5


def test_the_fault_comes_back_with_its_line() -> None:
    """Through the process, as part, line and words."""
    with pytest.raises(TemplateFailed, match=r"Line 2: 'totl' is not among the names") as failed:
        try_template(TemplateText("\n{{ totl }}", ""), (SIMPLE,))
    assert (failed.value.part, failed.value.line) == ("html", 2)
    with pytest.raises(TemplateFailed, match="@import") as failed:
        try_template(TemplateText("", "\n@import 'x';"), (SIMPLE,))
    assert (failed.value.part, failed.value.line) == ("css", 2)


def test_every_design_passes_on_every_sample() -> None:
    """What is copied can be saved."""
    samples = tuple(build_sample(sample, specimens.an_operator()) for sample in Sample)
    for design in Design:
        try_template(read_stock_source(design), samples)


def test_the_child_has_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only variables that say where things are reach it."""
    from chalicelib.render import template_process  # noqa: PLC0415  # its own view of the environment

    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("BILLING_TABLE", "billing")
    given = template_process._environment()
    assert set(given) <= {*template_process.PASSED_ON, "PYTHONPATH"}


def test_a_failure_is_told_in_words_only() -> None:
    """The answer to a job is bytes or JSON; nothing is unpickled from the child."""
    import pickle  # noqa: PLC0415  # as the parent writes it

    from chalicelib.render.template_process import Job  # noqa: PLC0415  # as above

    job = Job(text=TemplateText("{{ x }}", ""), invoices=(SIMPLE,))
    answer = work(io.BytesIO(pickle.dumps(job)))
    assert answer == FAILED + b'{"message": "\'x\' is not among the names that a template can use.", "part": "html", "line": 1}'
