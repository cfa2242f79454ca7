"""Which templates customers and settings may name, which version documents are issued with, and drawing them with it."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.designs import Design
from chalicelib.domain.errors import Issue, NotFound
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.templates import Trial, parse_reference, reference_to
from chalicelib.render.failures import TemplateFailed
from chalicelib.render.template_process import draw_own_pdf
from chalicelib.render.template_text import TemplateText, text_of
from chalicelib.store.template_trials import find_trial
from chalicelib.store.template_uses import is_own
from chalicelib.store.templates import get_version


def validate_template(template_id: str | None) -> list[Issue]:
    """The issue of a choice that is no template, or one that was never drawn; None leaves the choice to the settings."""
    if template_id is None or template_id in set(Design):
        return []
    trial = find_trial(template_id) if is_own(template_id) else None
    if trial is None:
        message = f"{template_id!r} is not a template; there are {', '.join(Design)}, and those of your own."
        return [Issue("template_id", "invalid_value", message)]
    return [] if trial.drawn else [_undrawn(trial)]


def with_template_version(planned: Invoice) -> Invoice:
    """A document as it is issued: of an operator's own template it names the newest version that could be drawn, for ever.

    A template that is gone is left named as it was; then the document is issued and its PDF fails.
    """
    if not is_own(planned.template):
        return planned
    template_id = planned.template.partition("/")[0]
    trial = find_trial(template_id)
    return replace(planned, template=reference_to(template_id, trial.drawn)) if trial and trial.drawn else planned


def draw_document(invoice: Invoice) -> bytes:
    """The document's PDF in its design, or, apart from this process, in the version of the template that it names.

    TemplateFailed with the fault.
    """
    from chalicelib.render.pdf import render_pdf  # noqa: PLC0415  # only the render function pays for it

    return draw_own_pdf(_text_of(invoice.template), invoice) if is_own(invoice.template) else render_pdf(invoice)


def _undrawn(trial: Trial) -> Issue:
    if trial.failed:
        return Issue("template_id", "template_failed", f"The template cannot be drawn: {trial.fault}")
    return Issue("template_id", "invalid_value", "The template is being drawn for the first time; choose it in a few seconds.")


def _text_of(reference: str) -> TemplateText:
    """What a document names; one that names no version was issued with a template that was gone."""
    try:
        found = get_version(*(parse_reference(reference) or (reference, 0)))
    except NotFound as error:
        raise TemplateFailed(f"There is no template {reference!r}.") from error
    return text_of(found)
