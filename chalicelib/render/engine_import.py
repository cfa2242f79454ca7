"""Imports WeasyPrint without what no document of ours needs: half of the CPU time of its import.

What it leaves out is done later if it is ever called for (fontTools in place of HarfBuzz), or is not wanted at all (root
certificates for a program that fetches nothing). Nothing is changed for anybody else: what is replaced is put back.
"""

from __future__ import annotations

import ctypes.util
import ssl
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

from chalicelib.render.engine_memory import give_back_memory
from chalicelib.render.engine_words import tell_words

SPARED = ("fontTools.subset", "fontTools.varLib.instancer")
"""Modules that WeasyPrint calls only where HarfBuzz cannot make a subset, or for variable fonts; 0.1 s to import."""


def import_weasyprint() -> Any:
    """The module. On Linux it opens libraries by their sonames at once: its 22 searches start ldconfig and a compiler each."""
    with ExitStack() as changes:
        if sys.platform == "linux":
            changes.enter_context(_replaced(ctypes.util, "find_library", _find_nothing))
        changes.enter_context(_replaced(ssl.SSLContext, "load_default_certs", _load_nothing))
        changes.enter_context(_imported_when_called(SPARED))
        import weasyprint  # noqa: PLC0415 - only the render function pays for it
    give_back_memory(weasyprint)
    tell_words(weasyprint)
    return weasyprint


class CalledLater(ModuleType):
    """Stands in for a module of which nothing but functions and classes is taken: the first call imports it."""

    def __getattr__(self, name: str) -> Any:
        """A function that calls the one of this name in the real module."""
        if name.startswith("__"):
            raise AttributeError(name)

        def call(*arguments: Any, **options: Any) -> Any:
            return getattr(import_module(self.__name__), name)(*arguments, **options)

        return call


@contextmanager
def _imported_when_called(names: tuple[str, ...]) -> Iterator[None]:
    """Modules that are imported within get stand-ins for these, unless they are here already."""
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update((name, CalledLater(name)) for name in absent)
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


@contextmanager
def _replaced(owner: Any, name: str, value: object) -> Iterator[None]:
    original = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, original)


def _find_nothing(name: str) -> str | None:  # noqa: ARG001 - the signature of what it stands in for
    return None


def _load_nothing(context: ssl.SSLContext, purpose: object = None) -> None:
    """A context that trusts nobody."""
