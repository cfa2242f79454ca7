"""The tags of a PDF before it is written: what the engine says each part of the pages is, in the order of reading.

It walks them, and makes artifacts of parts, which are drawn and never read. It never changes what is on the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

ARTIFACT = {"Type": "/Pagination"}
"""What repeats because a page ends: running heads, feet, and headers of tables that go on."""


class TagTree:
    """Elements by reference, below `document`; the engine's objects are PyDyF's dictionaries, changed in place."""

    def __init__(self, pdf: Any) -> None:
        """Find them among all objects of a file that is laid out and tagged."""
        self._pdf = pdf
        self._root = self._find(pdf.catalog["StructTreeRoot"])
        self.elements = {each.reference: each for each in pdf.objects if _is_element(each)}
        self.document = self.elements[self._root["K"][0]]
        self._marks_of = cache(self._find_marks)

    def kids(self, element: Any) -> list[Any]:
        """The elements right below."""
        return [self.elements[kid] for kid in element["K"] if kid in self.elements]

    def walk(self, element: Any) -> Iterator[Any]:
        """The element and all below it."""
        yield element
        for kid in self.kids(element):
            yield from self.walk(kid)

    def page_of(self, element: Any) -> Any:
        """The page on which an element begins."""
        return self._find(element["Pg"])

    def find_detached(self) -> list[Any]:
        """Elements of the document that it does not know: the engine ties what stands in margins to nothing."""
        known = set(self.document["K"])
        return [each for each in self.elements.values() if each["P"] == self.document.reference and each.reference not in known]

    def say_words(self, element: Any) -> None:
        """Tell an element the words of its mark, where drawing it left them (`engine_words`)."""
        for mark in _marks(element):
            contents = self.page_of(element)["Contents"]
            properties = self._find(contents).stream[self._marks_of(contents)[mark]]
            if hasattr(properties, "words"):
                element["ActualText"] = properties.words

    def set_aside(self, element: Any) -> None:
        """Make an artifact of all that an element stands for, and forget it: whoever had it as a kid must do the same."""
        for each in list(self.walk(element)):
            for mark in _marks(each):
                self._make_artifact(self.page_of(each), mark)
            self.drop(each)

    def drop(self, element: Any) -> None:
        """Forget an element whose kids went elsewhere."""
        del self.elements[element.reference]
        element.clear()

    def _make_artifact(self, page: Any, mark: int) -> None:
        content = self._find(page["Contents"]).stream
        place = self._marks_of(page["Contents"])[mark]
        content[place - 1], properties = "/Artifact", content[place]
        properties.clear()
        properties.update(ARTIFACT)
        numbers = self._find(self._root["ParentTree"])["Nums"]
        numbers[2 * page["StructParents"] + 1][mark] = "null"

    def _find_marks(self, contents: bytes) -> dict[int, int]:
        """Where in the content of a page the properties of each mark stand, behind the name of its tag."""
        content = enumerate(self._find(contents).stream)
        return {part["MCID"]: place for place, part in content if isinstance(part, dict) and "MCID" in part}

    def _find(self, reference: bytes) -> Any:
        return self._pdf.objects[int(reference.split()[0])]


def _marks(element: Any) -> list[int]:
    return [kid for kid in element["K"] if isinstance(kid, int)]


def _is_element(thing: Any) -> bool:
    return isinstance(thing, dict) and thing.get("Type") == "/StructElem"
