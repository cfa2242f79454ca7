"""Previews: a template, or an edit of one, on a sample or on a document of the operator, drawn by the storage event.

The same question finds the same file, so asking again is how to wait for it. Faults that show without drawing are told at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.access import Actor
from chalicelib.domain.errors import Invalid, Issue, NotFound
from chalicelib.domain.snapshots import build_operator_snapshot
from chalicelib.domain.template_preview import TemplatePreview
from chalicelib.domain.templates import validate_text
from chalicelib.render.failures import TemplateFailed
from chalicelib.render.sample_documents import Sample, build_sample
from chalicelib.render.template_process import draw_own_pdf, try_template
from chalicelib.render.template_text import TemplateText
from chalicelib.services.deps import Deps
from chalicelib.services.invoice_reading import read_invoice
from chalicelib.services.template_trials import note_trial
from chalicelib.services.templates import read_text
from chalicelib.store import objects, preview_files
from chalicelib.store.settings import get_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewTemplate:
    """What to draw: the template, with other HTML or style sheet where given, on a sample or on an invoice."""

    template_id: str
    html: str | None = None
    css: str | None = None
    sample: Sample = Sample.WORST_CASE
    invoice_id: str | None = None


@dataclass(frozen=True, slots=True)
class PreviewLink:
    """A link to the preview, or none while it is being drawn."""

    url: str | None
    expires_at: datetime | None


def find_preview(deps: Deps, actor: Actor, command: PreviewTemplate) -> PreviewLink:
    """The link, without url while the preview is being drawn.

    Raises NotFound for the template; Invalid with every issue, `template_failed` with part and line of what fails.
    """
    preview = _build_preview(actor, command)
    url = preview_files.find_link(preview)
    if url is not None:
        expires = deps.clock() + timedelta(seconds=objects.LINK_SECONDS)
        return PreviewLink(url, expires.replace(microsecond=0))
    fault = preview_files.find_fault(preview)
    if fault is not None:
        raise TemplateFailed(fault["fault"], part=fault["part"], line=fault["line"])
    try_template(_text_of(preview), (preview.invoice,))
    preview_files.ask_once(preview)
    return PreviewLink(None, None)


def render_preview(key: str) -> None:
    """Draw the preview that was asked for under a key, or note why not; nothing for keys that are no previews."""
    preview = preview_files.find_asked(key)
    if preview is None:
        return
    try:
        pdf = draw_own_pdf(_text_of(preview), preview.invoice, draft=preview.draft)
    except TemplateFailed as error:
        preview_files.put_fault(preview, {"fault": error.fault, "part": error.part or "html", "line": error.line})
        note_trial(preview, error.message)
        return
    preview_files.put_pdf(preview, pdf)
    note_trial(preview)


def _text_of(preview: TemplatePreview) -> TemplateText:
    return TemplateText(preview.html, preview.css, preview.design)


def _build_preview(actor: Actor, command: PreviewTemplate) -> TemplatePreview:
    kept = read_text(command.template_id)
    html, css = kept.html if command.html is None else command.html, kept.css if command.css is None else command.css
    issues = validate_text(html, css)
    if issues:
        raise Invalid.of(*issues)
    if command.invoice_id is None:
        sample = build_sample(command.sample, build_operator_snapshot(get_settings()))
        return TemplatePreview(html=html, css=css, design=kept.design, invoice=sample, draft=False)
    try:
        invoice = read_invoice(actor, command.invoice_id)
    except NotFound as error:
        raise Invalid.of(Issue("invoice_id", "unknown_invoice", "There is no invoice with this id.")) from error
    return TemplatePreview(html=html, css=css, design=kept.design, invoice=invoice, draft=True)
