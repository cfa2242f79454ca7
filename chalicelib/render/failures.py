"""The one way rendering fails: the template, or something it shows, cannot be drawn. Says what to mend; refuses to hide it."""

from __future__ import annotations

import re

from chalicelib.domain.errors import Invalid, Issue

_LINE = re.compile(r"Line ([0-9]{1,9}): ")


class TemplateFailed(Invalid):
    """A template, logo or catalogue that cannot be rendered; code `template_failed`, the message is meant for the operator.

    `part` (`html` or `css`) and `line` say where in a template of the operator's own the fault lies, as far as that is known.
    """

    def __init__(self, fault: str, *, part: str = "", line: int | None = None) -> None:
        """Carry what to mend in words."""
        self.fault, self.part, self.line = fault, part, line
        message = f"Line {line}: {fault}" if line else fault
        issues = (Issue(part, "template_failed", message),) if part else ()
        super().__init__("template_failed", message, issues=issues, **({"line": line} if line else {}))


def find_line(message: str) -> int | None:
    """The line that a message of `TemplateFailed` begins with, also of one that was kept; None without one.

    >>> find_line("Line 3: 'totl' is unknown."), find_line("The logo is damaged.")
    (3, None)
    """
    found = _LINE.match(message)
    return int(found[1]) if found else None
