"""Which names need a second line on the annex, and where they turn to it.

Found for all lines before a page is drawn, because pages are counted first. Two lines are the most: what does not fit into them
is cut when it is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from chalicelib.render.annex_sheet import MM
from chalicelib.render.engine import Engine
from chalicelib.render.ruler import Ruler
from chalicelib.render.typeface import MOST_KEPT, Look

GAP = 1.5 * MM
"""Between a name and the details behind it."""
WIDEST = 1.02
"""No letter of ASCII is wider, by the size of the text, so that most names need not be measured."""


class Turns:
    """Looks at a name and the small details behind it."""

    def __init__(self, engine: Engine, name: Look, details: Look) -> None:
        """Make the rulers of both."""
        self._names, self._details, self._widest = Ruler(engine, name), Ruler(engine, details), name.size * WIDEST
        self._find: Callable[[str, str, float], int] = lru_cache(MOST_KEPT)(self._measure)

    def turn(self, name: str, details: str, room: float) -> int:
        """How many characters of the name stand on its first line; 0 where one line has room for name and details."""
        surely_fits = (len(name) + len(details)) * self._widest + GAP <= room and name.isascii() and details.isascii()
        return 0 if surely_fits else self._find(name, details, room)

    def _measure(self, name: str, details: str, room: float) -> int:
        count = self._names.fitting(name, room)
        if count < len(name):
            return count
        fits = not details or self._names.width(name) + GAP + self._details.width(details) <= room
        return 0 if fits else count
