"""What had been settled when a document was frozen is read over its lines."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from chalicelib.store import codec, objects
from chalicelib.store.frozen_documents import find_frozen_amounts
from tests.support import specimens
from tests.support.cloud import Cloud

IMITATION = '","amount_paid":"9","amount_credited":"9","amount_refunded":"9"'


def test_amounts_are_those_of_the_frozen_document(cloud: Cloud) -> None:
    """Whatever its texts say, each revision's own; nothing where none is frozen yet."""
    line = specimens.a_usage_line(1, description=IMITATION)
    paid, credited, refunded = Decimal("12.50"), Decimal(3), Decimal(1)
    frozen = specimens.an_issued(
        lines=(line,), notes=IMITATION, amount_paid=paid, amount_credited=credited, amount_refunded=refunded
    )
    for invoice in (frozen, replace(frozen, revision=1, amount_paid=Decimal(0))):
        objects.put_object(objects.document_key(invoice.id, invoice.revision), codec.dump(invoice))
    assert find_frozen_amounts(frozen.id, 0) == (paid, credited, refunded)
    assert find_frozen_amounts(frozen.id, 1) == (0, credited, refunded)
    assert find_frozen_amounts(frozen.id, 2) is None
