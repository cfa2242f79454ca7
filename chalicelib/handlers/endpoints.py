"""What is declared about an endpoint: it drives routing, checks and the OpenAPI document alike, so they cannot drift apart."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from chalicelib.domain.access import PERMISSIONS
from chalicelib.handlers.auth import OWNED
from chalicelib.handlers.requests import MAX_BODY, NoBody, Query, Request
from chalicelib.handlers.responses import JSON, Answer

_PARAMETER = re.compile(r"{(\w+)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method of one path. `answer` is any type pydantic can describe: None for an empty answer, str for text of type `media`.

    `secret_fields` of the answer are blanked where it is remembered for repetitions. `permission` None: open to everybody.
    `judge` raises Invalid for rules that a body breaks by itself, or by naming what does not exist, and executes nothing: it is
    asked about the fitting part of a body that does not fit as a whole, where even required fields may be None.
    """

    method: str
    path: str
    permission: str | None
    summary: str
    handler: Callable[[Request], Answer]
    tag: str
    body: type[BaseModel] = NoBody
    judge: Callable[[Request], object] | None = None
    query: type[BaseModel] = Query
    answer: Any = None
    media: str = JSON
    status: int = 200
    statuses: tuple[int, ...] = ()
    customers: bool = False
    require_if_match: bool = False
    require_idempotency_key: bool = False
    secret_fields: tuple[str, ...] = ()
    max_body: int = MAX_BODY

    def __post_init__(self) -> None:
        """Refuse an unknown permission, and a door for customers through which they could name anybody's object."""
        if self.permission is not None and self.permission not in PERMISSIONS:
            raise ValueError(f"{self.method} {self.path}: unknown permission {self.permission}")
        if self.customers and self.parameters and not OWNED & set(self.parameters):
            raise ValueError(f"{self.method} {self.path}: open to customers, but the path does not say whose object it is")

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the path's parameters."""
        return tuple(_PARAMETER.findall(self.path))

    @property
    def takes_body(self) -> bool:
        """Whether the method carries a body."""
        return self.method in {"POST", "PUT", "PATCH"}

    @property
    def name(self) -> str:
        """The handler's name, which is also the operation id."""
        return self.handler.__name__
