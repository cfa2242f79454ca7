"""What an operator's template can do, what it cannot, and how its faults read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.designs import Design
from chalicelib.render.css_check import check_css
from chalicelib.render.failures import TemplateFailed
from chalicelib.render.html import render_html
from chalicelib.render.own_template import check_names, write_html
from chalicelib.render.sample_documents import Sample, build_sample
from chalicelib.render.stock_source import read_stock_source
from chalicelib.render.template_data import build_template_data
from chalicelib.render.template_text import TemplateText
from chalicelib.render.view import build_view
from tests.support import specimens

SIMPLE = build_sample(Sample.SIMPLE, specimens.an_operator())


def written(html: str, **fields: Any) -> str:
    """What a template makes of an issued document."""
    return write_html(TemplateText(html, ""), specimens.an_issued(**fields))


def fault(html: str) -> TemplateFailed:
    """How a template fails."""
    with pytest.raises(TemplateFailed) as failed:
        write_html(TemplateText(html, ""), SIMPLE)
    return failed.value


@pytest.mark.parametrize(
    "source, shown",
    [
        ("{{ invoice.total|money }}", "€1,476.68"),
        ("{{ '0.0008'|money }} {{ 5|money }}", "€0.0008 €5.00"),
        ("{{ invoice.lines[0].quantity|number }}", "12"),
        ("{{ '1234.50'|number }} {{ '19'|percent }}", "1,234.5 19%"),
        ("{{ invoice.due_date|date }} {{ invoice.issued_at|date }}", "Jan 2, 2027 Dec 3, 2026"),
        ("{{ 90|minutes }}", "1.50\u00a0min"),
        ("{{ invoice.notes|nl2br }}", "2011/7/EU.<br>Thank you for your business."),
        ("{{ '<b>'|nl2br }}", "&lt;b&gt;"),
        ("{% for line in invoice.lines if line.usage %}{{ line.usage.calls }} {% endfor %}", "40 77 114 151"),
        ("{% for key, value in customer.address.items() if key == 'city' %}{{ value }}{% endfor %}", "Warszawa"),
        (
            "{{ operator.name }} {{ customer.get('tax_id') }} {{ invoice.number }}",
            "Rhein-Spree GmbH PL5260001246 INV-2026-000417",
        ),
        ("{{ invoice.lines|length + 1 }} {{ 7 // 2 }} {{ -3 * 2 }}", "9 3 -6"),
        ("{% macro say(x) %}<i>{{ x }}</i>{% endmacro %}{{ say('a') }}", "<i>a</i>"),
        ("{{ invoice.reason|default('none given', true) }}", "none given"),
    ],
)
def test_figures_are_written_as_the_customer_reads_them(source: str, shown: str) -> None:
    """Filters take the plain figures; loops, macros and sums of small numbers work."""
    assert shown in written(source)


def test_filters_follow_the_locale() -> None:
    """Another customer reads other separators and another order."""
    german = specimens.a_buyer(locale="de")
    assert written("{{ '1234.5'|money }} {{ '2026-12-31'|date }}", customer=german) == "1.234,50\u00a0€ 31.12.2026"


@pytest.mark.parametrize("design", Design)
@pytest.mark.parametrize("sample", Sample)
def test_a_copy_draws_what_its_design_draws(design: Design, sample: Sample) -> None:
    """The one file that operators get of a design makes the same document of every sample."""
    invoice = build_sample(sample, specimens.an_operator())
    copied = write_html(read_stock_source(design), invoice)
    assert copied.split() == render_html(build_view(invoice), template=design).split()


def test_a_copy_stands_alone() -> None:
    """It names no other file and no block."""
    for design in Design:
        html = read_stock_source(design).html
        assert not [word for word in ("extends", "import", "block", "pieces.") if word in html]


@pytest.mark.parametrize("sample", Sample)
def test_templates_get_plain_data_only(sample: Sample) -> None:
    """All that a template can name survives JSON unchanged: no object, no method, no float."""
    data = build_template_data(build_sample(sample, specimens.an_operator()))
    assert json.loads(json.dumps(data), parse_float=lambda text: pytest.fail(f"a float: {text}")) == data


def test_nothing_internal_is_told() -> None:
    """Ids that are ours, and who made what, are no business of the paper."""
    told = json.dumps(build_template_data(specimens.an_issued()))
    for secret in ("01hxinternalid", "crm-internal-77", "pkg-internal", "change_id", "assignment"):
        assert secret not in told


def test_right_to_left_pages_keep_codes_as_they_are() -> None:
    """Names in Latin letters get marks that keep their order; what is compared or reckoned with gets none."""
    data = build_template_data(build_sample(Sample.RIGHT_TO_LEFT, specimens.an_operator()))
    assert data["operator"]["name"].startswith("\u200e")
    assert data["invoice"]["lines"][0]["tax"]["category"] == "S"
    assert data["invoice"]["currency"] == "KWD"


def test_a_long_document_has_no_lines_for_templates() -> None:
    """They are in the annex; the display rows hold the sums."""
    data = build_template_data(specimens.an_issued(lines=specimens.usage_lines(301)))
    assert data["invoice"]["lines"] == []
    assert data["lines"]


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ ''['__class__'] }}",
        "{{ lines|attr('append') }}",
        "{{ (1).__class__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ self.__init__ }}",
        "{{ self._TemplateReference__context }}",
        "{{ lines.append(1) }}",
        "{{ invoice.update(number='x') }}",
        "{{ invoice.clear() }}",
        "{{ 'x'.center(9) }}",
        "{{ '{0.__class__}'.format(1) }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ 'x'.replace('x', 'y') }}",
        "{{ 'x'|center(9) }}",
        "{{ 'x'|replace('x', 'y') }}",
        "{{ '%9d'|format(1) }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ 'a' * 10**9 }}",
        "{{ 'a' * 1000000000 }}",
        "{{ lines * 1000000000 }}",
        "{{ lines + lines }}",
        "{{ 9 ** 9 }}",
        "{{ title|safe }}",
        "{{ title|tojson }}",
        "{{ title|xmlattr }}",
        "{{ title|pprint }}",
        "{{ lipsum(9) }}",
        "{{ range(9) }}",
        "{{ cycler(1) }}",
        "{{ joiner(1) }}",
        "{{ namespace(a=1) }}",
        "{{ dict(a=1) }}",
        "{{ config }}",
        "{{ missing }}",
        "{{ title.missing }}",
        "{% include 'shared/pieces.html' %}",
        "{% include '/etc/passwd' %}",
        "{% import 'shared/pieces.html' as pieces %}",
        "{% from 'shared/pieces.html' import brand %}",
        "{% extends 'shared/document.html' %}",
        "{% autoescape false %}{{ title }}{% endautoescape %}",
        "{% do lines.append(1) %}",
        "{% for %}",
        "{{ 'x'|money }}",
        "{{ '1e999999999'|money }}",
        "{{ '1e-99'|number }}",
        "{{ invoice|money }}",
        "{{ 'x'|date }}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
        "{{ 1000000000000000 * 2 }}",
        "{{ title.upper }}",
        "{{ labels.items }}",
        "{% macro m() %}{% endmacro %}{{ m }}",
        "{% macro m() %}{% endmacro %}{{ m._func }}",
        "{% for a in lines %}{{ loop }}{% endfor %}",
        "{% for a in lines %}{{ loop._iterable }}{% endfor %}",
        "{% for a in lines %}{{ loop.cycle('a') }}{% endfor %}",
        "{% for a in lines recursive %}{{ loop([a]) }}{% endfor %}",
        "{% macro m() %}{{ caller.__globals__ }}{% endmacro %}{% call m() %}{% endcall %}",
        "{% set x %}{0.__class__}{% endset %}{{ x.format(1) }}",
        "{% set x %}%1000000000d{% endset %}{{ x % 1 }}",
        "{% set labels.x = 1 %}",
        "{% set n = namespace() %}",
        "{{ labels.keys().mapping.get('x') }}",
        "{{ labels|dictsort }}",
        "{{ lines|map(attribute='__class__') }}",
        "{{ lines|join(attribute='__class__') }}",
        "{{ 'x'|indent(1000000000) }}",
        "{{ (1).to_bytes(1000000000) }}",
        "{{ " + "9" * 5000 + " }}",
        "{{ " + "[" * 20_000 + "]" * 20_000 + " }}",
        "{% if 1 %}" * 3000 + "{% endif %}" * 3000,
        "{% for a in lines %}" * 30 + "{% endfor %}" * 30,
        "{% debug %}",
        "{% trans %}x{% endtrans %}",
        "{% block a %}{{ self.a() }}{% endblock %}",
        "{% block a %}{{ super() }}{% endblock %}",
    ],
)
def test_the_sandbox_refuses(source: str) -> None:
    """No way out, no mutation, no methods of texts, no other file, nothing that multiplies, nothing undefined."""
    assert fault(source).code == "template_failed"


FRAGMENTS = (
    *(
        "{{ ",
        " }}",
        "{% ",
        " %}",
        "for a in lines",
        "endfor",
        "if title",
        "endif",
        "set x = ",
        "macro m(y)",
        "endmacro",
        "m(1)",
        "x",
        "1",
    ),
    *(
        "invoice",
        ".total",
        "|money",
        "|date",
        "|first",
        "|nl2br",
        "['a']",
        "~",
        " + ",
        " * 9",
        "(",
        ")",
        "''",
        "<p>",
        "{#",
        "#}",
        "\n",
    ),
    *("__class__", "|attr('x')", ".items()", " is defined", "caller()", "super()", "self", "loop", "raw", "endraw", "\x00", "ä"),
)


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=20).map("".join))
def test_every_template_is_drawn_or_told_what_is_wrong(source: str) -> None:
    """Whatever is written, the outcome is HTML or a fault of the template, never anything else."""
    try:
        html = write_html(TemplateText(source, ""), SIMPLE)
    except TemplateFailed as failed:
        assert failed.issues  # noqa: PT017  # both outcomes are fine
    else:
        assert isinstance(html, str)


def test_values_are_always_escaped() -> None:
    """Whatever a customer is called, it is text."""
    assert "<img" not in written("{{ buyer.name }}{{ customer.name }}", customer=specimens.a_buyer(name="<img src=x>"))


@pytest.mark.parametrize(
    "source, line, words",
    [
        ("<p>\n{{ totl }}\n</p>", 2, "'totl' is undefined"),
        ("<p>\n\n{% for x in %}", 3, "Expected an expression"),
        ("a\n{% if true %}\n", 2, "end of template"),
        ("\n{{ invoice.nothing }}", 2, "has no attribute 'nothing'"),
        ("\n\n{{ 'x'|money }}", 3, "'x' is not a figure such as 12.50."),
        ("\n{{ 'x'.upper() }}", 2, "'upper' cannot be called; only macros"),
        ("\n{{ range(9) }}", 2, "'range' is undefined"),
        ("\n{{ labels.x() }}", 2, "has no attribute 'x'"),
        ("\n{% include 'a' %}", 2, "stands alone"),
        ("\n{{ 1 / 0 }}", 2, "ZeroDivisionError"),
        ("\n{{ title.upper }}", 2, "is no value that could be written"),
        ("\n{{ title|nothing }}", 2, "No filter named 'nothing'"),
    ],
)
def test_faults_name_their_line(source: str, line: int, words: str) -> None:
    """As an issue about the HTML, with the line in words and by itself."""
    failed = fault(source)
    assert (failed.part, failed.line) == ("html", line)
    assert words in failed.message
    assert [(issue.path, issue.code) for issue in failed.issues] == [("html", "template_failed")]
    assert failed.details == {"line": line}


@pytest.mark.parametrize(
    "source, name",
    [
        ("\n{% if number == 'never' %}{{ totally.unknown }}{% endif %}", "totally"),
        ("\n{% if false %}{{ range(9) }}{% endif %}{{\nother }}", "range"),
        ("\n{% macro never() %}{{ theirs }}{% endmacro %}", "theirs"),
    ],
)
def test_names_that_no_document_has_are_found_unread(source: str, name: str) -> None:
    """Also where no sample comes by: the first of them, with its line."""
    assert write_html(TemplateText(source.replace("{{\nother }}", ""), ""), SIMPLE).strip() == ""
    with pytest.raises(TemplateFailed, match=f"'{name}' is not among the names") as failed:
        check_names(TemplateText(source, ""), SIMPLE)
    assert (failed.value.part, failed.value.line) == ("html", 2)


@pytest.mark.parametrize(
    "source",
    [
        "{% if title %}{% set x = 1 %}{% endif %}{{ x }}",
        "{% macro f(a) %}{{ a }}{{ caller() }}{% endmacro %}{% call f(1) %}{% endcall %}",
        "{% for key, value in labels.items() %}{{ loop.index }} {{ key }} {{ value }}{% endfor %}",
        "{% if false %}{{ invoice.unknown }}{% endif %}",
        *(read_stock_source(design).html for design in Design),
    ],
)
def test_names_that_are_known_or_set_pass(source: str) -> None:
    """What a document has and what the template sets; fields are for the samples to find."""
    check_names(TemplateText(source, ""), SIMPLE)


def test_what_cannot_be_parsed_is_told_by_the_check_of_names() -> None:
    """It comes first, and says what filling would say."""
    with pytest.raises(TemplateFailed, match="Expected an expression") as failed:
        check_names(TemplateText("\n{% for x in %}", ""), SIMPLE)
    assert (failed.value.part, failed.value.line) == ("html", 2)


def test_endless_documents_are_stopped() -> None:
    """What comes out is counted while it is made."""
    row = "{% for a in labels %}" * 4 + "x" * 500 + "{% endfor %}" * 4
    assert "too long" in fault(row).message


@pytest.mark.parametrize(
    "css, line, words",
    [
        ("p { color: red }\n@import 'x.css';", 2, "@import"),
        ("\n\np { background: url(https://example.com/x.png) }", 3, "cannot be loaded"),
        ('p { background: url("file:///etc/passwd") }', 1, "cannot be loaded"),
        ("@font-face {\n src: url(//example.com/x.woff) }", 2, "cannot be loaded"),
        ("p {\n color: device-cmyk(0 1 1 0) }", 2, "RGB"),
        ("p { color: red }\n}", 2, r"no style sheet: a rule has no block in { }\.$"),
        ("p", 1, "no style sheet"),
        ("p { content: 'x\n }", 1, r"in quotes does not end on its line\.$"),
        ("p { a: ] }", 1, r"this \] closes nothing\.$"),
    ],
)
def test_faults_of_style_sheets_name_their_line(css: str, line: int, words: str) -> None:
    """Before anything is drawn: what is no style sheet, and what loads from elsewhere."""
    with pytest.raises(TemplateFailed, match=words) as failed:
        check_css(css)
    assert (failed.value.part, failed.value.line) == ("css", line)


def test_style_sheets_of_designs_are_fine() -> None:
    """And so are assets and small images, and brackets nested far deeper than anything sensible."""
    for design in Design:
        check_css(read_stock_source(design).css)
    check_css("p { background: url(asset:logo), url('data:image/png;base64,AA==') } a { fill: url(#x) }")
    check_css("p { width: " + "calc(" * 300 + "1px" + ")" * 300 + " }")
