"""The designs that come with the product, and which template a document is drawn with. Draws nothing.

A template is a design by its name, or one of the operator's own by its id; what documents keep is decided when they are issued.
"""

from __future__ import annotations

from enum import StrEnum

from chalicelib.domain.customer import Customer
from chalicelib.domain.operator import OperatorSettings


class Design(StrEnum):
    """How stock documents look: coloured, like a letter in black and white, or dense for many lines."""

    MODERN = "modern"
    CLASSIC = "classic"
    COMPACT = "compact"


STOCK = "stock"
"""What documents name that were issued while there was one design."""


def template_of(customer: Customer, settings: OperatorSettings) -> str:
    """The template that the customer's documents are issued with: its own choice, else the operator's."""
    return customer.template_id or settings.template_id


def find_design(template: str) -> Design | None:
    """The design that a template names; None for an operator's own.

    >>> find_design("classic"), find_design("stock"), find_design("01j/3")
    (<Design.CLASSIC: 'classic'>, <Design.MODERN: 'modern'>, None)
    """
    if template == STOCK:
        return Design.MODERN
    return Design(template) if template in set(Design) else None


def design_of(customer: Customer, settings: OperatorSettings) -> Design:
    """The design of papers that operators have no templates for: the first choice that is a design, else modern."""
    found = (find_design(choice) for choice in (template_of(customer, settings), settings.template_id))
    return next((design for design in found if design), Design.MODERN)
