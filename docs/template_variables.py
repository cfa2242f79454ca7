"""What templates of operators can name, as a page: found in the sample documents, so that it lists what is really there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from babel import Locale

from chalicelib.domain.customer import Address
from chalicelib.domain.operator import OperatorSnapshot
from chalicelib.render.formats import Formats
from chalicelib.render.html import FILTERS
from chalicelib.render.sample_documents import Sample, build_sample
from chalicelib.render.template_data import build_template_data
from chalicelib.render.template_environment import OF_MAPPINGS
from chalicelib.render.template_filters import build_filters

HEAD = """\
# What templates can name

[Templates of your own](own-templates.md) are HTML in [Jinja2](https://jinja.palletsprojects.com/en/stable/templates/) and a
style sheet. A name that neither is listed here nor set in the template is an error, for which a version is refused, also in a
part that is seldom drawn. What follows a point is tried on the sample documents only: in a part that none of them reaches,
`invoice.totl` is kept, and fails with the first document that gets there. Look at seldom parts in a preview with `invoice_id`.

Made by `make docs` from `docs/template_variables.py` and the sample documents; change it there.

## Ready to be shown

Texts in the customer's language, figures and dates as its locale writes them. This is all that the stock designs use.

"""
PLAIN_HEAD = """
## Plain figures

Amounts are decimal texts, days are ISO dates, whole numbers and truth values are what they are; what there is not is `none`.
`[]` is a list, to be gone through with `{% for %}`. `invoice.lines` is empty where an annex lists the lines.

"""
FILTER_HEAD = """
## Filters

| filter | does |
|---|---|
| `money` | an amount or a price with the document's currency and all its decimals: `{{ invoice.total\\|money }}` |
| `number` | a number with the separators of the locale |
| `percent` | a rate given in percent |
| `date` | a day, also that of an instant |
| `minutes` | seconds as minutes to a hundredth |
| `nl2br` | a text with its line breaks |
"""
CONNEXCS_HEAD = """
## From ConnexCS

Templates of ConnexCS are written for Handlebars and are not read as they are. What stands for their variables and helpers:

"""
PLAIN = ("operator", "customer", "invoice")
SHOWN = {
    "lang": "language of the document, for `<html lang>`",
    "dir": "`ltr` or `rtl`, for `<html dir>`",
    "paper": "`A4` or `letter`, for `@page { size }`",
    "accent": "the operator's colour, #rrggbb",
    "accent_ink": "black or white, whichever is legible on it",
    "labels": "every word of the catalogue in the document's language: `labels.due`, `labels.tax`, …",
    "page_label.before": "what stands before the page number",
    "page_label.between": "between the page number and the count of pages",
    "page_label.after": "behind the count of pages",
    "pages": "count of pages where an annex follows, else empty: let CSS count them (`counter(pages)`)",
    "seller.name": "the operator's name",
    "seller.lines": "its address and tax number, line by line",
    "seller.has_logo": 'whether `<img src="asset:logo">` has something to show',
    "buyer.name": "the customer's name",
    "buyer.lines": "its address and tax number, line by line",
    "buyer_label": "the word over the customer's address",
    "footer": "the small print, line by line",
    "footer_rows": "how many rows the footer takes, for the margin of the page",
    "number": "the document's number, empty for a draft",
    "mark": "the word for draft or void, else empty",
    "fingerprint": "the SHA-256 of the document's figures, empty for a draft",
    "title": "the word for invoice or credit note",
    "unit_price_label": "heading of unit prices, with or without tax",
    "amount_label": "heading of amounts",
    "created": 'the instant of issue, for `<meta name="dcterms.created">`',
    "facts.label": "issued, due, period, reference, invoice taken back …",
    "facts.value": "their values",
    "lines.position": "number of the line, empty for a sum",
    "lines.description": "text of the line",
    "lines.details": "days, calls and minutes, discount, earlier invoice",
    "lines.quantity": "quantity, empty for a sum",
    "lines.unit": "unit",
    "lines.unit_price": "price of one",
    "lines.tax": "rate of tax",
    "lines.tax_code": "category of tax (EN 16931) where it is not the standard one",
    "lines.amount": "net amount",
    "annex": "the sentence that points to the annex, where there is one",
    "taxes.name": "tax and rate",
    "taxes.note": "category in words, and why no tax is charged",
    "taxes.net": "sum of the lines",
    "taxes.tax": "their tax",
    "totals.label": "subtotal, tax, and what was paid, credited or given back",
    "totals.value": "their amounts",
    "highlight.label": "the word for the figure that counts",
    "highlight.value": "amount due; of a credit note its total",
    "payment": "how to pay; none where nothing is to be paid",
    "payment.sentence.text": "pieces of a sentence: how much, by when, quoting what",
    "payment.sentence.strong": "whether the piece is a value",
    "payment.details": "the bank details of the settings",
    "payment.has_code": 'whether `<img src="asset:payment-code">` has something to show',
    "reason": "why a credit note was made",
    "notes": "the notes of the document",
    "wide": "whether some amount is so long that columns must be wide",
}
"""What the variables that are ready to be shown mean."""
CONNEXCS = {
    "account.name, .address, .city, .county, .postcode": "`operator.name`, `operator.address.line1` …; or `seller.lines`",
    "account.phone, .email": "`operator.phone`, `operator.email`",
    "account.id": "none: ids are internal; `operator.tax_id`, `operator.registration` identify the issuer",
    "account.config.payment_details": "`operator.payment_details|nl2br`",
    "company.name, .address, .postcode": "`customer.name`, `customer.address.line1` …; or `buyer.lines`",
    "company.currency": "`invoice.currency`",
    "invoice.id": "`invoice.number`",
    "invoice_date, date_due, date": "`invoice.invoice_date`, `invoice.due_date`, `invoice.issued_at`",
    "lines.0.start_date, lines.0.end_date": "`invoice.period.start_date`, `invoice.period.end_date`",
    "lines: .start_date, .end_date, .unit_price, .net": "`invoice.lines`: the same names",
    "lines: .tax": "`invoice.lines`: `.tax.percent`",
    "lines: .duration, .connected": "`invoice.lines`: `.usage.billed_seconds`, `.usage.calls` (of usage only)",
    "sub_total, tax, total": "`invoice.subtotal`, `invoice.tax_total`, `invoice.total`",
    "dateFormat x": "`x|date`, in the customer's own form",
    "currencyFormat x": "`x|money`",
    "numberFormat x": "`x|number`",
    "sec2min x": "`x|minutes`",
    "nl2br x": "`x|nl2br`",
    "math a + b": "`a + b` for whole numbers; amounts are texts, and every sum that is printed is there already",
    "#if, #unless, #each, #with": "`{% if x %}`, `{% if not x %}`, `{% for line in lines %}`, `{% set a = customer.address %}`",
    "lookup, log, scriptforge": "none: templates run nothing",
}
"""Variables and helpers of ConnexCS templates (Handlebars), and what stands for them here."""


def build_page() -> str:
    """The text of docs/template-variables.md."""
    data = _found()
    shown = [(f"`{path}`", SHOWN.get(path, "")) for path in dict.fromkeys(_bare(path) for path in data if not _is_plain(path))]
    plain = [(f"`{path}`", f"`{example}`" if example else "") for path, example in data.items() if _is_plain(path)]
    theirs = [(f"`{name}`", ours) for name, ours in CONNEXCS.items()]
    parts = (
        HEAD + _table(("variable", "what it is"), shown),
        PLAIN_HEAD + _table(("variable", "example"), plain),
        FILTER_HEAD + _others(),
        CONNEXCS_HEAD + _table(("ConnexCS", "here"), theirs),
    )
    return "".join(parts)


def find_undescribed() -> set[str]:
    """Descriptions of variables that no sample has."""
    return set(SHOWN) - {_bare(path) for path in _found()}


def _others() -> str:
    own = set(build_filters(Formats(Locale("en"), "EUR")))
    jinja = ", ".join(f"`{name}`" for name in sorted(set(FILTERS) - own))
    methods = ", ".join(f"`{name}()`" for name in sorted(OF_MAPPINGS))
    return f"""
Of Jinja's own there are {jinja}. No functions, no methods but {methods} of mappings, no other files; arithmetic is for numbers.
Pictures are `asset:logo`, `asset:payment-code`, and PNG or JPEG as `data:` URIs of up to 64 KiB.
"""


def _found() -> dict[str, str]:
    """Path and example of all that the samples hold, in order; words of the catalogue as one."""
    operator = OperatorSnapshot(
        name="Telco GmbH", address=Address(city="Berlin", country="DE"), payment_details="IBAN DE02120300000000202051"
    )
    found: dict[str, str] = {}
    for sample in Sample:
        data = build_template_data(build_sample(sample, operator))
        for path, value in _walk({**data, "labels": ""}):
            found[path] = found.get(path) or _example(value)
    return found


def _walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, one in value.items():
            yield from _walk(one, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for one in value:
            yield from _walk(one, f"{path}[]")
    elif not isinstance(value, (dict, list)):
        yield path, value


def _example(value: Any) -> str:
    return "" if value in (None, "") else " ".join(str(value).split())[:40]


def _is_plain(path: str) -> bool:
    return path.partition(".")[0] in PLAIN


def _bare(path: str) -> str:
    return path.replace("[]", "")


def _table(head: tuple[str, str], rows: Sequence[tuple[str, str]]) -> str:
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    lines = [f"| {head[0]} | {head[1]} |", "|---|---|", *(f"| {left} | {right} |" for left, right in cells)]
    return "\n".join(lines) + "\n"
