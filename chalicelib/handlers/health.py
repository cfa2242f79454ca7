"""Liveness: says which version answers, to everybody. Touches no table, so that it tells about this function alone."""

from __future__ import annotations

from pydantic import BaseModel

from chalicelib.handlers.api import Api
from chalicelib.handlers.requests import Request
from chalicelib.handlers.responses import Answer

api = Api(__name__)


class Health(BaseModel):
    """What answers."""

    status: str
    version: str
    stage: str


@api.endpoint("GET", "/health", permission=None, summary="Liveness and version", answer=Health)
def get_health(request: Request) -> Answer:
    """The version and stage of the function that answers."""
    settings = request.deps.settings
    return Answer(Health(status="ok", version=settings.version, stage=settings.stage))
