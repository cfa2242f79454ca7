"""Which template a customer's documents get, and which design papers get that have no templates."""

from __future__ import annotations

import pytest

from chalicelib.domain.designs import Design, design_of, find_design, template_of
from chalicelib.domain.operator import OperatorSettings
from tests.support.builders import a_customer


@pytest.mark.parametrize(
    "own, operators, template, design",
    [
        (None, "modern", "modern", Design.MODERN),
        (None, "compact", "compact", Design.COMPACT),
        ("classic", "compact", "classic", Design.CLASSIC),
        ("01j", "compact", "01j", Design.COMPACT),
        (None, "01j", "01j", Design.MODERN),
        ("01j", "01k", "01j", Design.MODERN),
    ],
)
def test_the_customers_choice_wins(own: str | None, operators: str, template: str, design: Design) -> None:
    """Over the operator's; where a choice is no design, the next one that is one draws statements and letters."""
    customer, settings = a_customer(template_id=own), OperatorSettings(template_id=operators)
    assert (template_of(customer, settings), design_of(customer, settings)) == (template, design)


@pytest.mark.parametrize("template, design", [("stock", Design.MODERN), ("classic", Design.CLASSIC), ("01j/3", None)])
def test_documents_name_designs(template: str, design: Design | None) -> None:
    """Documents of the time of one design look as they did."""
    assert find_design(template) is design
