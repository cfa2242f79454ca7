"""What is answered about paper that could not be drawn: the reason that was kept, as previews tell it. Tries nothing again."""

from __future__ import annotations

from chalicelib.domain.errors import Conflict, Issue
from chalicelib.render.failures import find_line


def not_drawn(reason: str) -> Conflict:
    """The Conflict template_failed: one issue with the reason, and the `line` of the template where the reason names one."""
    line = find_line(reason)
    issue = Issue("template", "template_failed", reason)
    return Conflict("template_failed", reason, issues=(issue,), **({"line": line} if line else {}))
