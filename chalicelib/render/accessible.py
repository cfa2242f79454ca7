"""Tags of an accessible PDF (PDF/UA-1), put right: the engine tags every table as one, and leaves out what headers are for.

Tables without headers only place things side by side; to a screen reader they become plain divisions. It changes tags alone,
never what is on the page.
"""

from __future__ import annotations

from typing import Any

TABLE_PARTS = frozenset({"/Table", "/THead", "/TBody", "/TFoot", "/TR", "/TD"})
MAX_LINES = 2_000
"""Of an accessible document: all lines stand in one table, as the pages of an annex have no tags. 2,000 take half a minute."""


def tidy_tags(_document: Any, pdf: Any) -> None:
    """Say of headers that they head columns, and make divisions of tables that have none."""
    elements = {each.reference: each for each in pdf.objects if _is_element(each)}
    headers = [each for each in elements.values() if each["S"] == "/TH"]
    data = {_table_of(header, elements) for header in headers}
    parts = [each for each in elements.values() if each["S"] in TABLE_PARTS]
    for each in [part for part in parts if _table_of(part, elements) not in data]:
        each["S"] = "/Div"
        each.pop("A", None)
    for each in elements.values():
        _name_scope(each)


def _name_scope(element: Any) -> None:
    """The scope instead of the engine's references from cells to headers, for which it makes no index (`IDTree`)."""
    if element["S"] == "/TH":
        element["A"]["Scope"] = "/Column"
        element.pop("ID", None)
    elif element["S"] == "/TD":
        element["A"].pop("Headers", None)


def _is_element(thing: Any) -> bool:
    return isinstance(thing, dict) and thing.get("Type") == "/StructElem"


def _table_of(element: Any, elements: dict[bytes, Any]) -> bytes:
    """The reference of the table that an element stands in, or is."""
    while element["S"] != "/Table":
        element = elements[element["P"]]
    reference: bytes = element.reference
    return reference
