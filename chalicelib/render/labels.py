"""The words printed on documents, from templates/labels/<language>.json, <language>_<script>.json for a second script.

English fills every gap, and a language without a catalogue gets an English document: half a page in each would be worse.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from babel import Locale, UnknownLocaleError

from chalicelib.render.failures import TemplateFailed
from chalicelib.render.printable import keep_latin_order
from chalicelib.render.templates_folder import templates_folder

FALLBACK = "en"
ELSEWHERE = Locale(FALLBACK, territory="150")
"""English for readers of a language that we lack: the day before the month, the currency behind the amount, as most write."""

Catalogue: TypeAlias = dict[str, str | dict[str, str]]


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a sentence; values filled in are strong, so that amount and number stand out."""

    text: str
    strong: bool


@dataclass(frozen=True, slots=True)
class Labels:
    """The catalogue of one document's locale."""

    locale: Locale

    def text(self, key: str, **values: str) -> str:
        """The label with its {placeholders} filled in."""
        return "".join(segment.text for segment in self.segments(key, **values))

    def segments(self, key: str, **values: str) -> list[Segment]:
        """The label cut at its placeholders; a value is inserted as it is and never read as a label itself."""
        entry = self._entry(key)
        if not isinstance(entry, str):
            raise TemplateFailed(f"The label {key!r} has plural forms and needs a count.")
        return _fill(entry, self._ordered(values))

    def counted(self, key: str, count: int, shown: str) -> str:
        """The label in the plural form that the language uses for `count` (CLDR), with `shown` as {count}."""
        forms = self._entry(key)
        if isinstance(forms, str):
            raise TemplateFailed(f"The label {key!r} has no plural forms.")
        form = forms.get(str(self.locale.plural_form(count)), forms["other"])
        return "".join(segment.text for segment in _fill(form, self._ordered({"count": shown})))

    def all(self) -> dict[str, str]:
        """Every plain label, for templates that name them directly."""
        merged = {**read_catalogue(FALLBACK), **read_catalogue(_catalogue_name(self.locale))}
        return {key: entry for key, entry in merged.items() if isinstance(entry, str)}

    def _ordered(self, values: dict[str, str]) -> dict[str, str]:
        """Behind words that run from right to left, a number or a Latin name would change its order."""
        is_mirrored = self.locale.text_direction == "rtl"
        return {name: keep_latin_order(value) for name, value in values.items()} if is_mirrored else values

    def _entry(self, key: str) -> str | dict[str, str]:
        own = read_catalogue(_catalogue_name(self.locale))
        return own[key] if key in own else read_catalogue(FALLBACK)[key]


def document_locale(tag: str) -> Locale:
    """The locale that a document for this BCP 47 tag is written in: the nearest CLDR knows, `ELSEWHERE` if we lack its labels."""
    parts = tag.replace("_", "-").split("-")
    for length in range(len(parts), 0, -1):
        locale = _find_locale("-".join(parts[:length]))
        if locale and locale.language in languages():
            return locale
    return ELSEWHERE


@cache
def languages() -> frozenset[str]:
    """Languages that have a catalogue, some in two scripts."""
    return frozenset(path.stem for path in (templates_folder() / "labels").glob("*.json"))


@cache
def read_catalogue(language: str) -> Catalogue:
    """One language's labels as stored (none for a language we lack); plural labels map CLDR plural category to text."""
    if language not in languages():
        return {}
    catalogue: Catalogue = json.loads((templates_folder() / "labels" / f"{language}.json").read_text("utf-8"))
    return catalogue


def _catalogue_name(locale: Locale) -> str:
    """Chinese in traditional letters (Taiwan, Hong Kong) has words of its own."""
    in_script = f"{locale.language}_{locale.script}"
    return in_script if in_script in languages() else str(locale.language)


def _find_locale(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag, sep="-")
    except (ValueError, TypeError, UnknownLocaleError):
        return None


def _fill(text: str, values: dict[str, str]) -> list[Segment]:
    pieces = re.split(r"\{(\w+)\}", text)
    segments = [Segment(values[piece] if odd else piece, bool(odd)) for i, piece in enumerate(pieces) for odd in (i % 2,)]
    return [segment for segment in segments if segment.text]
