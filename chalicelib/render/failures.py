"""The one way rendering fails: the template, or something it shows, cannot be drawn. Says what to mend; refuses to hide it."""

from __future__ import annotations

from chalicelib.domain.errors import Invalid


class TemplateFailed(Invalid):
    """A template, logo or catalogue that cannot be rendered; code `template_failed`, the message is meant for the operator."""

    def __init__(self, message: str) -> None:
        """Carry what to mend in words."""
        super().__init__("template_failed", message)
