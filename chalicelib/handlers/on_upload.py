"""Doors for objects that appear in the bucket (EventBridge "Object Created"): usage to take in, documents to render.

Whatever cannot be helped by repeating the event is recorded or logged; only what may go through later is raised.
"""

from __future__ import annotations

import logging
from typing import Any

from chalicelib.domain.errors import NotFound
from chalicelib.services import accessible_pdfs, documents, reminder_letters, statement_files, template_previews
from chalicelib.services.usage_import import import_object
from chalicelib.store.acting import acting
from chalicelib.wiring import get_deps

log = logging.getLogger(__name__)


@acting("system:import_usage")
def import_usage(event: dict[str, Any]) -> None:
    """Take in the usage file of the event."""
    deps = get_deps()
    key = object_key(event)
    try:
        batch = import_object(deps, key)
    except NotFound:
        log.warning("usage file %s is gone", key)
        return
    log.info("usage batch %s from %s: %s", batch.id, key, batch.status)


@acting("system:render_document")
def render_document(event: dict[str, Any]) -> None:
    """Render the document, its accessible variant, statement of account, reminder letter or preview of the event."""
    deps, key = get_deps(), object_key(event)
    documents.render_document(deps, key)
    accessible_pdfs.render_accessible(deps, key)
    statement_files.render_statement(deps, key)
    reminder_letters.render_letter(deps, key)
    template_previews.render_preview(key)


def object_key(event: dict[str, Any]) -> str:
    """The key of the object that appeared. EventBridge gives it as it is, unlike S3's own notifications."""
    return str(event["detail"]["object"]["key"])
