"""Every resource the API has: add a module's `api` here, and it is routed, documented and covered by the access tests."""

from __future__ import annotations

from chalicelib.handlers import api_keys, health, settings
from chalicelib.handlers.documentation import document

RESOURCES = (
    health.api,
    api_keys.api,
    settings.api,
)

BLUEPRINTS = (*RESOURCES, document(RESOURCES))
