"""The catalogues of words: complete, alike in their placeholders, plural in every way their language is."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from babel import Locale

from chalicelib.render.failures import TemplateFailed
from chalicelib.render.formats import Formats
from chalicelib.render.labels import Catalogue, Labels, document_locale, languages, read_catalogue

ENGLISH = read_catalogue("en")


def placeholders(catalogue: Catalogue, key: str) -> set[str]:
    """The {names} in a label; of a plural label, in its `other` form."""
    entry = catalogue[key]
    return set(re.findall(r"\{(\w+)\}", entry if isinstance(entry, str) else entry["other"]))


def test_languages() -> None:
    """The promised languages are there: nineteen, one of them in two scripts."""
    european = {"cs", "da", "de", "en", "es", "fr", "it", "nl", "pl", "pt", "sv", "tr"}
    assert languages() == european | {"ar", "he", "hi", "ja", "ko", "th", "zh", "zh_Hant"}


def test_the_page_about_designs_names_every_language() -> None:
    """Whoever sets a locale can look up whether its words are there."""
    page = (Path(__file__).parents[2] / "docs" / "designs.md").read_text(encoding="utf-8")
    told = page.partition("follow the customer's `locale`: ")[2].partition("\n(")[0]
    assert set(re.findall(r"`(\w+)`", told)) == languages()


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
    """Counted labels have the forms that the language uses for counts up to a thousand, and only forms that CLDR knows for it."""
    plural_form = Locale.parse(language).plural_form
    known, used = {*plural_form.tags, "other"}, {"other", *map(plural_form, range(1000))}
    for entry in read_catalogue(language).values():
        assert isinstance(entry, str) or used <= entry.keys() <= known


@pytest.mark.parametrize("count, shown", [(1, "1 połączenie"), (3, "3 połączenia"), (5, "5 połączeń"), (22, "22 połączenia")])
def test_polish_counts(count: int, shown: str) -> None:
    """Polish has three forms for whole numbers."""
    assert Labels(Locale("pl")).counted("calls", count, str(count)) == shown


@pytest.mark.parametrize(
    "tag, due",
    [
        ("de-CH", "Fällig am"),
        ("pt-BR", "Vencimento"),
        ("zh", "付款截止日期"),
        ("zh-CN", "付款截止日期"),
        ("zh-Hant", "繳款期限"),
        ("zh-TW", "繳款期限"),
        ("zh-Hant-HK", "繳款期限"),
        ("hi-IN", "देय तिथि"),
        ("eu-ES", "Due"),
    ],
)
def test_regions_use_the_words_of_their_language_and_script(tag: str, due: str) -> None:
    """A region has its language's labels, in its script; a language without labels is in English."""
    assert Labels(document_locale(tag)).text("due") == due


@pytest.mark.parametrize("tag", ["fi", "uk-UA", "eu-ES", "nonsense", ""])
def test_languages_without_labels_get_english_words_and_the_day_first(tag: str) -> None:
    """Their readers know the day before the month and the sign behind the amount; words are English."""
    locale = document_locale(tag)
    formats = Formats(locale, "EUR")
    assert formats.date(date(2026, 12, 3)) == "3 Dec 2026"
    assert formats.money(Decimal("1234.5")) == "1,234.50\u00a0€"
    assert Labels(locale).all() == Labels(Locale("en")).all()


@pytest.mark.parametrize(
    "language, name",
    [
        ("de", "Rechnungskorrektur"),
        ("pl", "Faktura korygująca"),
        ("es", "Factura rectificativa"),
        ("cs", "Opravný daňový doklad"),
    ],
)
def test_credit_notes_have_the_name_that_the_law_gives_them(language: str, name: str) -> None:
    """On paper, in the mail's subject and in its text."""
    labels = Labels(Locale(language))
    assert labels.text("credit_note") == name
    assert labels.text("mail_credit_note_subject", number="7", seller="Acme").startswith(name)
    assert name.lower()[:8] in labels.text("mail_credit_note_text", number="7", date="", total="").lower()


@pytest.mark.parametrize("language", sorted(languages() - {"en"}))
def test_labels_are_translated(language: str) -> None:
    """Hardly a label is the English one; what few are (Total, Balance, Status …) are the same word."""
    same = [key for key, entry in read_catalogue(language).items() if entry == ENGLISH[key]]
    assert len(same) <= 6, same


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
