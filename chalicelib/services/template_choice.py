"""Which templates customers and settings may name. Judges the choice only; what is drawn with it is frozen when issuing."""

from __future__ import annotations

from chalicelib.domain.designs import Design
from chalicelib.domain.errors import Issue


def validate_template(template_id: str | None) -> list[Issue]:
    """The issue of a choice that is no template; None leaves the choice to the settings."""
    if template_id is None or template_id in set(Design):
        return []
    message = f"{template_id!r} is not a template; there are {', '.join(Design)}."
    return [Issue("template_id", "invalid_value", message)]
