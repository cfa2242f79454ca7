"""`/openapi.json` and `/docs`: the API as declared, for programs and for people. No script and nothing from other hosts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from chalicelib.handlers.api import Api
from chalicelib.handlers.openapi import build_openapi
from chalicelib.handlers.openapi_page import render_page
from chalicelib.handlers.requests import Request
from chalicelib.handlers.responses import Answer


def document(resources: Sequence[Api]) -> Api:
    """The blueprint that describes these resources and itself."""
    api = Api(__name__)

    @cache
    def described(version: str) -> dict[str, Any]:
        return build_openapi([endpoint for each in (*resources, api) for endpoint in each.endpoints], version)

    @api.endpoint("GET", "/openapi.json", permission=None, summary="This description, as OpenAPI 3.1", answer=dict[str, Any])
    def get_openapi(request: Request) -> Answer:
        return Answer(described(request.deps.settings.version))

    @api.endpoint("GET", "/docs", permission=None, summary="This description, as a page", answer=str, media="text/html")
    def get_docs(request: Request) -> Answer:
        page = render_page(described(request.deps.settings.version))
        return Answer(page, headers={"Content-Type": "text/html; charset=utf-8"})

    return api
