"""The documents whose pages are kept as pictures: every design, script, direction and part of the page at least once.

`python -m tests.support.golden_pages` (make goldens) draws the pictures anew and prints which of them changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from chalicelib.domain.designs import Design
from chalicelib.domain.operator import Paper
from chalicelib.render.papers import render_reminder_pdf, render_statement_pdf
from chalicelib.render.pdf import render_pdf
from tests.support import papers, specimens
from tests.support.pictures import differing_squares, from_png, picture_of, to_png

FOLDER = Path(__file__).parents[1] / "golden" / "pages"
MODERN, CLASSIC, COMPACT = ({"template": design.value} for design in Design)
LETTER = specimens.an_operator(paper=Paper.LETTER)


@dataclass(frozen=True, slots=True)
class Golden:
    """How a document is drawn, and which of its pages is kept (-1: the last)."""

    draw: Callable[[], bytes]
    page: int = 0


GOLDEN = {
    "modern": Golden(lambda: render_pdf(specimens.an_issued(**MODERN))),
    "classic": Golden(lambda: render_pdf(specimens.an_issued(operator=LETTER, **CLASSIC))),
    "compact": Golden(lambda: render_pdf(specimens.with_many_taxes(**COMPACT))),
    "credit-note": Golden(lambda: render_pdf(specimens.a_credit_note(**CLASSIC))),
    "draft": Golden(lambda: render_pdf(specimens.a_draft(**COMPACT))),
    "arabic": Golden(lambda: render_pdf(specimens.in_dinar(**specimens.FIGURES_IN_GROUPS, **MODERN))),
    "hebrew": Golden(lambda: render_pdf(specimens.in_hebrew(amount_paid=Decimal("30.50"), **COMPACT))),
    "thai": Golden(lambda: render_pdf(specimens.in_thai(**CLASSIC))),
    "scripts": Golden(lambda: render_pdf(specimens.in_many_scripts(**MODERN))),
    "long-names": Golden(lambda: render_pdf(specimens.with_long_names(**MODERN))),
    "annex": Golden(lambda: render_pdf(specimens.an_issued(lines=specimens.of_all_kinds(301), **MODERN)), page=-1),
    "statement": Golden(lambda: render_statement_pdf(papers.a_statement(design=Design.COMPACT))),
    "reminder": Golden(lambda: render_reminder_pdf(papers.a_letter(design=Design.CLASSIC))),
}
"""By the name of the picture."""


def picture_path(name: str) -> Path:
    """Where a picture is kept."""
    return FOLDER / f"{name}.png"


def draw_anew(name: str, golden: Golden) -> str:
    """Keep a page as it looks now. What changed, in a few words; a picture that shows nothing new is left as it is."""
    path, picture = picture_path(name), picture_of(golden.draw(), golden.page)
    squares = differing_squares(from_png(path.read_bytes()), picture) if path.exists() else None
    if squares == []:
        return "as it was"
    path.write_bytes(to_png(picture))
    return "new" if squares is None else f"{len(squares)} squares differ, the first at {squares[0]}"


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for gone in {path.stem for path in FOLDER.glob("*.png")} - set(GOLDEN):
        picture_path(gone).unlink()
        print(f"{gone:12} removed")
    for each, page in GOLDEN.items():
        print(f"{each:12} {draw_anew(each, page)}")
