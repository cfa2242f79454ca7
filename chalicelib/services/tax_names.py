"""What a tax is called that nobody named: the word of the customer's language, taken when a document is drafted and kept there.

Typed names are printed as they were typed; documents that exist keep theirs.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.customer import Customer
from chalicelib.render.labels import Labels, document_locale


def with_tax_name(customer: Customer) -> Customer:
    """The customer with a name for its tax; every tax of its documents that has none takes it."""
    word = Labels(document_locale(customer.locale)).text("tax_name")
    return replace(customer, tax=customer.tax.named(word))
