"""Trials: each version is drawn on the worst case when it is kept, by the storage event; documents are issued with what was.

Filling alone shows no picture that cannot be loaded and no page without end. A version that cannot be drawn is kept, says why,
and is used by nobody.
"""

from __future__ import annotations

from chalicelib.domain.snapshots import build_operator_snapshot
from chalicelib.domain.template_preview import TemplatePreview
from chalicelib.domain.templates import Template, Trial, parse_reference, reference_to
from chalicelib.render.sample_documents import Sample, build_sample
from chalicelib.render.template_text import TemplateText
from chalicelib.store import preview_files, template_trials
from chalicelib.store.settings import get_settings


def get_trial(template: Template) -> Trial:
    """What is known of a template's versions."""
    return template_trials.find_trial(template.id) or Trial()


def start_trial(template: Template, text: TemplateText) -> None:
    """Have the present version drawn, also where that was asked before."""
    preview_files.ask(
        TemplatePreview(
            html=text.html,
            css=text.css,
            design=text.design,
            invoice=build_sample(Sample.WORST_CASE, build_operator_snapshot(get_settings())),
            draft=False,
            version=reference_to(template.id, template.version),
        )
    )


def note_trial(preview: TemplatePreview, fault: str = "") -> None:
    """Note what became of a drawing; nothing for one that was no trial."""
    tried = parse_reference(preview.version)
    if tried is None:
        return
    if fault:
        template_trials.note_failed(*tried, fault)
    else:
        template_trials.note_drawn(*tried)
