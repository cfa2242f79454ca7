"""Tags of an accessible PDF (PDF/UA-1), put right: one table of lines whatever its pages, headers that say what they head.

The engine tags every table as one, tables that only place things as well, begins another with each page, and leaves what stands
in margins without a place. It changes tags alone, never what is on the page.
"""

from __future__ import annotations

from typing import Any

from chalicelib.render.tag_tree import TagTree

TABLE_PARTS = frozenset({"/Table", "/THead", "/TBody", "/TFoot", "/TR", "/TD"})
MAX_LINES = 2_000
"""Of an accessible document: all lines stand in one table, as the pages of an annex have no tags. 2,000 take half a minute."""
POINTS_PER_PIXEL = 0.75


def tidy_tags(pdf: Any) -> None:
    """Put the tags of a laid out document right."""
    tree = TagTree(pdf)
    _read_foot_once(tree)
    _divide_tables_without_headers(tree)
    _join_lines(tree)
    for each in tree.elements.values():
        _name_scope(each)
        tree.say_words(each)
        if each["S"] == "/Figure":
            _place(each, tree.page_of(each))


def _read_foot_once(tree: TagTree) -> None:
    """The foot of the last page ends the document, as it says who the seller is; other feet, running heads, counts are mute."""
    *repeated, foot = tree.find_detached()
    for each in repeated:
        tree.set_aside(each)
    *_, cell = (each for each in tree.walk(foot) if each["S"] == "/TD")
    tree.elements[cell["P"]]["K"].remove(cell.reference)
    tree.set_aside(cell)
    tree.document["K"].append(foot.reference)


def _divide_tables_without_headers(tree: TagTree) -> None:
    """A table without headers places things side by side: to a screen reader, plain divisions."""
    headers = [each for each in tree.elements.values() if each["S"] == "/TH"]
    data = {_table_of(header, tree) for header in headers}
    parts = [each for each in tree.elements.values() if each["S"] in TABLE_PARTS]
    for each in [part for part in parts if _table_of(part, tree) not in data]:
        each["S"] = "/Div"
        each.pop("A", None)


def _join_lines(tree: TagTree) -> None:
    """The lines are the only table that stands right in the document: those after the first go on with it on another page."""
    lines, *further = [each for each in tree.kids(tree.document) if each["S"] == "/Table"]
    for table in further:
        head, *bodies = tree.kids(table)
        tree.set_aside(head)
        for body in bodies:
            body["P"] = lines.reference
            lines["K"].append(body.reference)
        tree.document["K"].remove(table.reference)
        tree.drop(table)


def _name_scope(element: Any) -> None:
    """The scope instead of the engine's references from cells to headers, for which it makes no index (`IDTree`)."""
    if element["S"] == "/TH":
        element["A"]["Scope"] = "/Column"
        element.pop("ID", None)
    elif element["S"] == "/TD":
        element["A"].pop("Headers", None)


def _place(figure: Any, page: Any) -> None:
    """Where the picture is, in points from the foot of its page: the engine writes its own pixels, from the head."""
    left, head, right, foot = (pixels * POINTS_PER_PIXEL for pixels in figure["A"]["BBox"])
    height = page["MediaBox"][3]
    figure["A"]["BBox"][:] = [left, height - foot, right, height - head]


def _table_of(element: Any, tree: TagTree) -> bytes:
    """The reference of the table that an element stands in, or is."""
    while element["S"] != "/Table":
        element = tree.elements[element["P"]]
    reference: bytes = element.reference
    return reference
