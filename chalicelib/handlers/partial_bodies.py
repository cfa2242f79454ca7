"""Bodies that do not fit, read as far as they do, so that the rules of the rest are judged in the same answer.

Only finds more to complain of: nothing that is read here is ever executed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError, create_model
from pydantic_core import from_json, to_json

from chalicelib.domain.errors import Issue

M = TypeVar("M", bound=BaseModel)

TRIES = 3
"""Without a wrong value the object around it may lack something required, and goes too."""


def read_partly(model: type[M], content: bytes) -> M | None:
    """The fields that fit, as an instance of the model where even required ones may be None; or None when it is no object."""
    rest = from_json(content)
    lenient: type[M] = _lenient(model)
    for _ in range(TRIES):
        try:
            return lenient.model_validate_json(to_json(rest))
        except ValidationError as error:
            places = [each["loc"] for each in error.errors(include_url=False)]
        if not isinstance(rest, dict) or () in places:
            return None
        for place in places:
            _remove(rest, place)
    return None


def new_issues(issues: Iterable[Issue], known: Sequence[Issue]) -> list[Issue]:
    """Those of the issues that are not about a place, or a part or whole of a place, that was complained of before."""
    places = [f"{issue.path}." for issue in known]
    return [issue for issue in issues if not any(_overlap(f"{issue.path}.", place) for place in places)]


def _overlap(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


@cache
def _lenient(model: type[M]) -> type[M]:
    """The model without required fields."""
    fields: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        if info.is_required():
            optional = copy(info)
            optional.default = None
            fields[name] = (info.annotation, optional)
    return create_model(model.__name__, __base__=model, **fields)


def _remove(body: dict[str, Any], place: tuple[int | str, ...]) -> None:
    """Take out the value at the place; the whole field when it is no named value of an object (positions must stay)."""
    inner: Any = body
    for step in place[:-1]:
        inner = inner[step] if _has(inner, step) else None
    if isinstance(inner, dict) and place[-1] in inner:
        del inner[place[-1]]
    else:
        body.pop(str(place[0]), None)


def _has(inner: Any, step: int | str) -> bool:
    if isinstance(inner, list):
        return isinstance(step, int) and step < len(inner)
    return isinstance(inner, dict) and step in inner
