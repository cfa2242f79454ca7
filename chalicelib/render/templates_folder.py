"""Where the templates, labels and fonts lie. Knows the two places that packaging puts them; refuses to guess others."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

from chalicelib.render.failures import TemplateFailed

PROJECT_ROOT = Path(__file__).resolve().parents[2]


@cache
def templates_folder() -> Path:
    """The folder `templates`: beside app.py, else on sys.path (a layer made by Chalice's automatic_layer puts it there)."""
    places = [PROJECT_ROOT, *map(Path, sys.path)]
    for place in places:
        folder = place / "templates"
        if (folder / "shared" / "document.html").is_file():
            return folder
    raise TemplateFailed("The templates are not part of this installation.")
