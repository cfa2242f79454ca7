"""The catalogues of words: complete, alike in their placeholders, plural in every way their language is."""

from __future__ import annotations

import re

import pytest
from babel import Locale

from chalicelib.render.failures import TemplateFailed
from chalicelib.render.labels import Catalogue, Labels, languages, read_catalogue

ENGLISH = read_catalogue("en")


def placeholders(catalogue: Catalogue, key: str) -> set[str]:
    """The {names} in a label; of a plural label, in its `other` form."""
    entry = catalogue[key]
    return set(re.findall(r"\{(\w+)\}", entry if isinstance(entry, str) else entry["other"]))


def test_languages() -> None:
    """The promised languages are there."""
    assert {"en", "de", "fr", "es", "pl", "ar"} <= languages()


@pytest.mark.parametrize("language", sorted(languages()))
def test_every_language_has_every_label(language: str) -> None:
    """All keys of English and no others, each with the same placeholders and the same kind."""
    catalogue = read_catalogue(language)
    assert catalogue.keys() == ENGLISH.keys()
    for key in ENGLISH:
        assert placeholders(catalogue, key) == placeholders(ENGLISH, key), key
        assert isinstance(catalogue[key], str) == isinstance(ENGLISH[key], str), key
        assert catalogue[key], key


@pytest.mark.parametrize("language", sorted(languages()))
def test_plurals_are_those_of_the_language(language: str) -> None:
    """Counted labels have `other` and only forms that CLDR knows for the language."""
    known = {*Locale(language).plural_form.tags, "other"}
    for entry in read_catalogue(language).values():
        assert isinstance(entry, str) or ({"other"} <= entry.keys() <= known)


@pytest.mark.parametrize("count, shown", [(1, "1 połączenie"), (3, "3 połączenia"), (5, "5 połączeń"), (22, "22 połączenia")])
def test_polish_counts(count: int, shown: str) -> None:
    """Polish has three forms for whole numbers."""
    assert Labels(Locale("pl")).counted("calls", count, str(count)) == shown


def test_missing_labels_fall_back_to_english() -> None:
    """What a catalogue lacks is borrowed from English."""
    welsh = Labels(Locale("cy"))
    assert welsh.text("due") == "Due"
    assert welsh.all() == Labels(Locale("en")).all()


def test_values_are_not_read_as_labels() -> None:
    """A value with braces in it is inserted as it is."""
    assert Labels(Locale("en")).text("tax_id", id="{percent}") == "Tax ID {percent}"


def test_counted_and_plain_labels_are_not_mixed_up() -> None:
    """Asking for a plural label without a count, or the other way round, fails."""
    with pytest.raises(TemplateFailed, match="plural"):
        Labels(Locale("en")).text("calls")
    with pytest.raises(TemplateFailed, match="plural"):
        Labels(Locale("en")).counted("due", 1, "1")
